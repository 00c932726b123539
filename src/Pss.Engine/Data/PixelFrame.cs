namespace Pss.Engine.Data;

/// <summary>How a picture lies on the pixels of an image that was decoded at a reduced scale.</summary>
/// <param name="FullWidth">Width of the picture in its own pixels.</param>
/// <param name="FullHeight">Height of the picture in its own pixels.</param>
/// <param name="Reduction">Pixels of the picture, across and down, in one of the image.</param>
/// <param name="Left">Where the picture begins on the image's pixels, 0 to 1: a pixel at the edge may be filled in part.</param>
/// <param name="Top">Where it begins from above.</param>
internal readonly record struct PixelFrame(int FullWidth, int FullHeight, int Reduction, double Left, double Top)
{
    /// <summary>Width of the picture in pixels of the image.</summary>
    public double Width => (double)FullWidth / Reduction;

    /// <summary>Height of the picture in pixels of the image.</summary>
    public double Height => (double)FullHeight / Reduction;

    /// <summary>Takes a position across the picture to the image's pixels.</summary>
    public float X(double x) => (float)(Left + x / Reduction);

    /// <summary>Takes a position down the picture to the image's pixels.</summary>
    public float Y(double y) => (float)(Top + y / Reduction);
}
