namespace Pss.Engine.Data.Images;

/// <summary>The supported image formats.</summary>
internal enum ImageFormat
{
    /// <summary>JPEG, baseline or progressive; gray, color or CMYK.</summary>
    Jpeg,

    /// <summary>PNG.</summary>
    Png,

    /// <summary>Windows bitmap.</summary>
    Bmp,

    /// <summary>GIF; the first frame is used.</summary>
    Gif,

    /// <summary>WebP, lossy or lossless; the first frame is used.</summary>
    Webp,

    /// <summary>Windows icon; the largest image in it is used.</summary>
    Ico,
}
