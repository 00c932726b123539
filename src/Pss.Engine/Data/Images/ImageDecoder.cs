using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Pss.Engine.Data.Formats;
using SkiaSharp;

namespace Pss.Engine.Data.Images;

/// <summary>Decodes image files: the only place that does. The result is upright, without color profile, with transparency over black.</summary>
/// <remarks>ML.NET's images come from the same decoder and hold premultiplied colors, which equal colors over black: no arithmetic is needed, and
/// ML.NET's ExtractPixels gives the same.</remarks>
internal static class ImageDecoder
{
    /// <summary>Rows are decoded in strips of about this size, which stay in the CPU cache while they are packed.</summary>
    private const int StripBytes = 256 << 10;

    /// <summary>Images up to this size are decoded without a plausibility check: they need little memory.</summary>
    private const int UncheckedPixels = 16_000_000;

    /// <summary>PNG compresses best of all formats, at most 1032 to 1 with 8 pixels per byte.</summary>
    private const long MaxPixelsPerByte = 8256 + 744;

    /// <summary>A JPEG has at least one bit per 8 x 8 pixels; decoding a progressive one takes 6 more bytes per pixel.</summary>
    private const long MaxJpegPixelsPerByte = 1024;

    /// <summary>The name and the checksum of a PNG's last chunk.</summary>
    private static ReadOnlySpan<byte> PngEnd => [0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82];

    /// <summary>The codec; throws if there is none.</summary>
    /// <exception cref="InvalidDataException">The format is not supported, or the header is damaged.</exception>
    public static SKCodec Open(SKCodec? codec, SKCodecResult result, string name) => codec ?? throw new InvalidDataException(
        $"{name}: no readable JPEG, PNG, WebP, BMP, GIF or ICO header{(result == SKCodecResult.IncompleteInput ? "; the file is cut short" : "")}");

    public static ImageHeader Header(SKCodec codec, string name)
    {
        var (info, orientation) = (codec.Info, (int)codec.EncodedOrigin);
        var format = codec.EncodedFormat switch
        {
            SKEncodedImageFormat.Jpeg => ImageFormat.Jpeg,
            SKEncodedImageFormat.Png => ImageFormat.Png,
            SKEncodedImageFormat.Webp => ImageFormat.Webp,
            SKEncodedImageFormat.Bmp => ImageFormat.Bmp,
            SKEncodedImageFormat.Gif => ImageFormat.Gif,
            SKEncodedImageFormat.Ico => ImageFormat.Ico,
            var other => throw new InvalidDataException($"{name}: {other} images are not supported; convert the file to JPEG, PNG, WebP, BMP, GIF or ICO"),
        };
        return orientation >= 5 ? new(format, info.Height, info.Width, orientation) : new(format, info.Width, info.Height, orientation);
    }

    /// <exception cref="InvalidDataException">The image is damaged or too large.</exception>
    public static unsafe RgbImage Decode(byte[] bytes, string name, ImageDecoding decoding)
    {
        fixed (byte* first = bytes)
        {
            using var data = SKData.Create((nint)first, bytes.Length);
            using var codec = Open(SKCodec.Create(new SKMemoryStream(data), out var result), result, name);
            var header = Header(codec, name);
            Check(header, bytes, name, decoding);
            var scale = header.Format == ImageFormat.Jpeg ? decoding.Eighths(header.Width, header.Height) / 8f : 1;
            var size = codec.GetScaledDimensions(scale);
            var info = new SKImageInfo(size.Width, size.Height, SKColorType.Rgba8888, codec.Info.IsOpaque ? SKAlphaType.Opaque : SKAlphaType.Premul);
            var target = new UprightPixels(info.Width, info.Height, header.Orientation);
            var problem = header.Format == ImageFormat.Jpeg ? ReadStrips(codec, info, target) : ReadWhole(codec, info, target);
            return problem switch
            {
                SKCodecResult.Success => target.ToImage(header, scale),
                SKCodecResult.IncompleteInput => throw CutShort(name, header.Format),
                _ => throw new InvalidDataException($"{name}: the {header.Format} image is damaged and cannot be decoded ({problem})"),
            };
        }
    }

    private static void Check(ImageHeader header, byte[] bytes, string name, ImageDecoding decoding)
    {
        var pixels = (long)header.Width * header.Height;
        if (pixels > decoding.MaxPixels)
            throw new InvalidDataException($"{name}: {ImageDecoding.TooLarge(header.Width, header.Height, decoding.MaxPixels)}");
        if (pixels > UncheckedPixels && pixels / bytes.Length > (header.Format == ImageFormat.Jpeg ? MaxJpegPixelsPerByte : MaxPixelsPerByte))
            throw new InvalidDataException($"{name}: {bytes.Length} bytes are too few for {header.Width} x {header.Height} pixels; the file is damaged");
        // The decoder accepts files of these two formats that end after the last pixel.
        var hasEnd = header.Format switch
        {
            ImageFormat.Png => bytes.AsSpan().LastIndexOf(PngEnd) >= 0,
            ImageFormat.Webp => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4)) <= bytes.Length - 8,
            _ => true,
        };
        if (!hasEnd)
            throw CutShort(name, header.Format);
    }

    private static InvalidDataException CutShort(string name, ImageFormat format) => new($"{name}: the {format} image is cut short");

    private static unsafe SKCodecResult ReadStrips(SKCodec codec, SKImageInfo info, UprightPixels target)
    {
        var started = codec.StartScanlineDecode(info);
        if (started != SKCodecResult.Success)
            return started;
        var most = Strip(info);
        var strip = ArrayPool<byte>.Shared.Rent(most * info.RowBytes);
        try
        {
            fixed (byte* first = strip)
            {
                for (var y = 0; y < info.Height; y += most)
                {
                    var rows = Math.Min(most, info.Height - y);
                    if (codec.GetScanlines((nint)first, rows, info.RowBytes) < rows)
                        return SKCodecResult.IncompleteInput;
                    target.Write(strip.AsSpan(0, rows * info.RowBytes), y);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(strip);
        }
        return SKCodecResult.Success;
    }

    /// <summary>Number of rows per strip.</summary>
    private static int Strip(SKImageInfo info) => Math.Clamp(StripBytes / info.RowBytes, 1, info.Height);

    private static unsafe SKCodecResult ReadWhole(SKCodec codec, SKImageInfo info, UprightPixels target)
    {
        var pixels = (byte*)NativeMemory.Alloc((nuint)info.BytesSize64);
        try
        {
            var result = codec.GetPixels(info, (nint)pixels);
            for (int y = 0, rows; y < info.Height && result == SKCodecResult.Success; y += rows)
            {
                rows = Math.Min(Strip(info), info.Height - y);
                target.Write(new(pixels + (long)y * info.RowBytes, rows * info.RowBytes), y);
            }
            return result;
        }
        finally
        {
            NativeMemory.Free(pixels);
        }
    }
}
