using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Pss.Engine.Data.Formats;
using SkiaSharp;

namespace Pss.Engine.Data.Images;

/// <summary>The one place where image files become pixels: upright, as stored (no color profile is applied), transparency on black.</summary>
/// <remarks>ML.NET's images come from the same decoder, and hold colors multiplied by their alpha: what lies on black needs no arithmetic, and is what
/// ML.NET's ExtractPixels gives as well.</remarks>
internal static class ImageDecoder
{
    /// <summary>Rows are decoded in strips of about this size, which stay in the processor's cache while they are packed.</summary>
    private const int StripBytes = 256 << 10;

    /// <summary>Images up to this size are not worth a doubt: their memory is little, whatever their file holds.</summary>
    private const int HarmlessPixels = 16_000_000;

    /// <summary>PNG packs best, at 1032 to 1 with 8 pixels a byte.</summary>
    private const long MostPixelsPerByte = 8256 + 744;

    /// <summary>A JPEG holds at least one bit for each 8 x 8 pixels; decoding a progressive one takes 6 bytes a pixel more.</summary>
    private const long MostJpegPixelsPerByte = 1024;

    /// <summary>The name and the checksum of a PNG's last chunk.</summary>
    private static ReadOnlySpan<byte> PngEnd => [0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82];

    /// <summary>The codec, or what is wrong with the file.</summary>
    /// <exception cref="InvalidDataException">It is none of the formats that are read, or its header is damaged.</exception>
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
            var other => throw new InvalidDataException($"{name}: {other} images are not read; convert it to JPEG, PNG, WebP, BMP, GIF or ICO"),
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
        if (pixels > HarmlessPixels && pixels / bytes.Length > (header.Format == ImageFormat.Jpeg ? MostJpegPixelsPerByte : MostPixelsPerByte))
            throw new InvalidDataException($"{name}: {bytes.Length} bytes are too few for {header.Width} x {header.Height} pixels");
        // These two are taken as whole once their last pixel is there.
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

    /// <summary>Rows of a strip.</summary>
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
