namespace Pss.Engine.Data.Formats;

/// <summary>The annotation formats that can be read.</summary>
internal enum DatasetFormat
{
    /// <summary>COCO JSON.</summary>
    Coco,

    /// <summary>Pascal VOC XML.</summary>
    Voc,

    /// <summary>YOLO text files with a data yaml.</summary>
    Yolo,

    /// <summary>VoTT's JSON or CSV export.</summary>
    Vott,
}
