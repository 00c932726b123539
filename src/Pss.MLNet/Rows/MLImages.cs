using Microsoft.ML.Data;
using Pss.Engine.Data;

namespace Pss.MLNet.Rows;

/// <summary>Between ML.NET's images and the engine's.</summary>
internal static class MLImages
{
    /// <summary>Copies an image's pixels; transparency is dropped, as <see cref="RgbImage.Load"/> does.</summary>
    public static RgbImage ToRgb(MLImage image)
    {
        if ((long)image.Width * image.Height > RgbImage.MaxPixels)
            throw new InvalidDataException($"{image.Width} x {image.Height} pixels are more than the {RgbImage.MaxPixels:N0} that are read");
        var result = new RgbImage(image.Width, image.Height);
        var from = image.Pixels;
        var to = result.Pixels;
        var (red, blue) = image.PixelFormat switch
        {
            MLPixelFormat.Bgra32 => (2, 0),
            MLPixelFormat.Rgba32 => (0, 2),
            var other => throw new InvalidDataException($"the pixel format is {other}, where Bgra32 or Rgba32 is needed"),
        };
        for (int i = 0, j = 0; i + 3 < from.Length && j + 2 < to.Length; i += 4, j += 3)
        {
            var alpha = from[i + 3];
            (to[j], to[j + 1], to[j + 2]) = alpha == 255
                ? (from[i + red], from[i + 1], from[i + blue])
                : (Straight(from[i + red], alpha), Straight(from[i + 1], alpha), Straight(from[i + blue], alpha));
        }
        return result;
    }

    /// <summary>Copies an image's pixels.</summary>
    public static MLImage FromRgb(RgbImage image)
    {
        var pixels = new byte[4 * image.Width * image.Height];
        for (int i = 0, j = 0; i < pixels.Length; i += 4, j += 3)
            (pixels[i], pixels[i + 1], pixels[i + 2], pixels[i + 3]) = (image.Pixels[j], image.Pixels[j + 1], image.Pixels[j + 2], 255);
        return MLImage.CreateFromPixels(image.Width, image.Height, MLPixelFormat.Rgba32, pixels);
    }

    // An MLImage holds colours multiplied by their alpha.
    private static byte Straight(int value, int alpha) => alpha == 0 ? (byte)0 : (byte)Math.Min(255, (value * 255 + alpha / 2) / alpha);
}
