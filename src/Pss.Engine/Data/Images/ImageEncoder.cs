using System.Runtime.InteropServices;
using SkiaSharp;

namespace Pss.Engine.Data.Images;

/// <summary>Encodes images.</summary>
internal static class ImageEncoder
{
    // The filter Up suits drawn scenes and photographs alike. Higher levels take twice the time for files a tenth smaller.
    private static readonly SKPngEncoderOptions PngSettings = new(SKPngEncoderFilterFlags.Up, 3);

    /// <summary>Writes a PNG of eight bits per channel.</summary>
    public static void Png(RgbImage image, Stream stream) => Encode(image, pixels => pixels.Encode(PngSettings), stream.Write);

    /// <summary>Encodes a JPEG.</summary>
    /// <param name="image">The image.</param>
    /// <param name="quality">libjpeg's quality, 1 to 100.</param>
    public static byte[] Jpeg(RgbImage image, int quality)
    {
        byte[] encoded = [];
        Encode(image, pixels => pixels.Encode(SKEncodedImageFormat.Jpeg, quality), bytes => encoded = bytes.ToArray());
        return encoded;
    }

    private static unsafe void Encode(RgbImage image, Func<SKPixmap, SKData?> encode, SpanAction write)
    {
        var info = new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        var pixels = (byte*)NativeMemory.Alloc((nuint)info.BytesSize64);
        try
        {
            PixelBytes.AddAlpha(image.Pixels, new(pixels, 4 * image.Width * image.Height));
            using var map = new SKPixmap(info, (nint)pixels);
            using var encoded = encode(map) ?? throw new NotSupportedException($"an image of {image.Width} x {image.Height} pixels cannot be written in this format");
            write(encoded.AsSpan());
        }
        finally
        {
            NativeMemory.Free(pixels);
        }
    }

    private delegate void SpanAction(ReadOnlySpan<byte> bytes);
}
