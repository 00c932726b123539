namespace Pss.Engine.Data.Images;

/// <summary>The position of a picture on the pixels of an image that may have been decoded at a reduced scale.</summary>
/// <param name="FullWidth">Width of the picture in its full resolution.</param>
/// <param name="FullHeight">Height of the picture in its full resolution.</param>
/// <param name="Scale">Image pixels per picture pixel: 1, or less if the image is reduced.</param>
/// <param name="Left">Left edge of the picture in image pixels, 0 to 1: a pixel at the edge may be covered partly.</param>
/// <param name="Top">Top edge of the picture in image pixels.</param>
internal readonly record struct PixelFrame(int FullWidth, int FullHeight, double Scale = 1, double Left = 0, double Top = 0)
{
    public bool IsReduced => Scale < 1;

    /// <summary>Width of the picture in pixels of the image.</summary>
    public double Width => FullWidth * Scale;

    /// <summary>Height of the picture in pixels of the image.</summary>
    public double Height => FullHeight * Scale;

    /// <summary>Converts an x coordinate of the picture to image pixels.</summary>
    public float X(double x) => (float)(Left + x * Scale);

    /// <summary>Converts a y coordinate of the picture to image pixels.</summary>
    public float Y(double y) => (float)(Top + y * Scale);
}
