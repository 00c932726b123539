using Microsoft.ML.Data;
using Pss.Engine.Data.Images;

namespace Pss.MLNet.Rows;

/// <summary>Converts between ML.NET's images and the engine's.</summary>
internal static class MLImages
{
    /// <summary>Copies an image's pixels. ML.NET's pixels are premultiplied by alpha, so that the background is black, as in
    /// <see cref="RgbImage.Load(string)"/>.</summary>
    /// <param name="image">The image.</param>
    /// <param name="scratch">Reused as the result if it has the right size.</param>
    public static RgbImage ToRgb(MLImage image, RgbImage? scratch = null)
    {
        var blueFirst = image.PixelFormat switch
        {
            MLPixelFormat.Bgra32 => true,
            MLPixelFormat.Rgba32 => false,
            var other => throw new InvalidDataException($"the pixel format is {other}, but Bgra32 or Rgba32 is required"),
        };
        var result = scratch is not null && (scratch.Width, scratch.Height) == (image.Width, image.Height) ? scratch : new(image.Width, image.Height);
        result.CopyFrom(image.Pixels, blueFirst);
        return result;
    }

    /// <summary>Copies an image's pixels.</summary>
    public static MLImage FromRgb(RgbImage image)
    {
        var pixels = new byte[4 * image.Width * image.Height];
        image.CopyTo(pixels);
        return MLImage.CreateFromPixels(image.Width, image.Height, MLPixelFormat.Rgba32, pixels);
    }
}
