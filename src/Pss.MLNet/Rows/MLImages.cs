using Microsoft.ML.Data;
using Pss.Engine.Data.Images;

namespace Pss.MLNet.Rows;

/// <summary>Between ML.NET's images and the engine's.</summary>
internal static class MLImages
{
    /// <summary>Copies an image's pixels. ML.NET holds colors multiplied by their alpha: transparency lies on black, as <see cref="RgbImage.Load(string)"/>
    /// has it.</summary>
    /// <param name="image">The image.</param>
    /// <param name="scratch">Written to and returned where it has the right size; else a new image is.</param>
    public static RgbImage ToRgb(MLImage image, RgbImage? scratch = null)
    {
        var blueFirst = image.PixelFormat switch
        {
            MLPixelFormat.Bgra32 => true,
            MLPixelFormat.Rgba32 => false,
            var other => throw new InvalidDataException($"the pixel format is {other}, where Bgra32 or Rgba32 is needed"),
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
