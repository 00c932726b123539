namespace Pss.Engine.Data.Formats;

/// <summary>Formats of annotation files.</summary>
public enum DatasetFormat
{
    /// <summary>COCO JSON.</summary>
    Coco,

    /// <summary>Pascal VOC XML.</summary>
    Voc,

    /// <summary>YOLO text files with a data yaml.</summary>
    Yolo,

    /// <summary>VoTT's JSON or CSV export, which is only read.</summary>
    Vott,
}
