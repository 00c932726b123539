using Pss.Engine.Data.Images;

namespace Pss.Engine.Reports;

/// <summary>A picture as the bytes of an image file. Large pictures are reduced for the report.</summary>
/// <param name="Name">Its name in the report.</param>
/// <param name="Encoded">The bytes of an image file in a supported format.</param>
/// <param name="Width">Width in pixels, of the image in which boxes are given.</param>
/// <param name="Height">Height in pixels.</param>
internal sealed record ReportPicture(string Name, byte[] Encoded, int Width, int Height)
{
    private const int JpegQuality = 85;

    /// <summary>An image as a JPEG.</summary>
    public static ReportPicture Of(string name, RgbImage image) => new(name, ImageEncoder.Jpeg(image, JpegQuality), image.FullWidth, image.FullHeight);
}
