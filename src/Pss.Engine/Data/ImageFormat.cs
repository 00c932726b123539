namespace Pss.Engine.Data;

/// <summary>The image formats that are read.</summary>
public enum ImageFormat
{
    /// <summary>JPEG, baseline or progressive.</summary>
    Jpeg,

    /// <summary>PNG.</summary>
    Png,

    /// <summary>Windows bitmap.</summary>
    Bmp,

    /// <summary>GIF; the first frame is used.</summary>
    Gif,
}
