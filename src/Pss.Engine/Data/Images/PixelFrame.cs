namespace Pss.Engine.Data.Images;

/// <summary>How a picture lies on the pixels of an image that may have been decoded at a reduced scale.</summary>
/// <param name="FullWidth">Width of the picture in its own pixels.</param>
/// <param name="FullHeight">Height of the picture in its own pixels.</param>
/// <param name="Scale">Pixels of the image for one of the picture: 1, or less where it is reduced.</param>
/// <param name="Left">Where the picture begins on the image's pixels, 0 to 1: a pixel at the edge may be filled in part.</param>
/// <param name="Top">Where it begins from above.</param>
internal readonly record struct PixelFrame(int FullWidth, int FullHeight, double Scale = 1, double Left = 0, double Top = 0)
{
    public bool IsReduced => Scale < 1;

    /// <summary>Width of the picture in pixels of the image.</summary>
    public double Width => FullWidth * Scale;

    /// <summary>Height of the picture in pixels of the image.</summary>
    public double Height => FullHeight * Scale;

    /// <summary>Takes a position across the picture to the image's pixels.</summary>
    public float X(double x) => (float)(Left + x * Scale);

    /// <summary>Takes a position down the picture to the image's pixels.</summary>
    public float Y(double y) => (float)(Top + y * Scale);
}
