using StbImageSharp;

namespace Pss.Engine.Data;

/// <summary>A decoded image: interleaved R, G, B bytes, rows from the top, no padding.</summary>
public sealed class RgbImage
{
    /// <summary>Larger images are refused before any memory is taken for them: 64 million pixels, 192 MB decoded.</summary>
    public const int MaxPixels = 64_000_000;

    /// <summary>Makes a black image.</summary>
    public RgbImage(int width, int height) : this(width, height, new byte[Size(width, height)])
    {
    }

    /// <summary>Wraps pixels without copying them.</summary>
    /// <exception cref="ArgumentException">The array is not 3 * width * height long, or the size is out of range.</exception>
    public RgbImage(int width, int height, byte[] pixels)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        if (pixels.Length != Size(width, height))
            throw new ArgumentException($"{width} x {height} RGB needs {Size(width, height)} bytes, not {pixels.Length}", nameof(pixels));
        (Width, Height, Pixels) = (width, height, pixels);
    }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>The pixels: byte (y * Width + x) * 3 is red, then green, then blue.</summary>
    public byte[] Pixels { get; }

    /// <summary>Reads a JPEG, PNG, BMP or GIF (first frame). Transparency is dropped, grey is spread, an EXIF rotation is not applied.</summary>
    /// <exception cref="InvalidDataException">Not an image, damaged, or larger than <see cref="MaxPixels"/>; the message names the file.</exception>
    public static RgbImage Load(string path) => Decode(File.ReadAllBytes(path), path);

    /// <summary>Decodes an image from a stream; see <see cref="Load"/>. <paramref name="name"/> is used in error messages.</summary>
    /// <exception cref="InvalidDataException">Not an image, damaged, or too large.</exception>
    public static RgbImage Decode(Stream stream, string name)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return Decode(copy.ToArray(), name);
    }

    /// <summary>Decodes an image from the bytes of a file; see <see cref="Load"/>. <paramref name="name"/> is used in error messages.</summary>
    /// <exception cref="InvalidDataException">Not an image, damaged, or too large.</exception>
    public static RgbImage Decode(byte[] bytes, string name)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        var header = ImageHeader.Read(new MemoryStream(bytes, writable: false), name);
        if ((long)header.Width * header.Height > MaxPixels)
            throw new InvalidDataException($"{name}: {header.Width} x {header.Height} pixels are more than the {MaxPixels:N0} that are read");
        // The decoder fills what is missing with grey. Within the coded data FF is never followed by D9, the end, or DA, a scan's start.
        if (header.Format == ImageFormat.Jpeg && bytes.AsSpan().LastIndexOf<byte>([0xff, 0xd9]) <= bytes.AsSpan().LastIndexOf<byte>([0xff, 0xda]))
            throw new InvalidDataException($"{name}: the JPEG image is cut short");
        if (header.Format == ImageFormat.Png && PngGuard.Problem(bytes, header) is { } problem)
            throw new InvalidDataException($"{name}: the PNG image {problem}");
        try
        {
            var result = ImageResult.FromMemory(bytes, ColorComponents.RedGreenBlue);
            return new RgbImage(result.Width, result.Height, result.Data);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            throw new InvalidDataException($"{name}: the {header.Format} image is damaged and cannot be decoded ({fault.Message})", fault);
        }
    }

    /// <summary>Writes the image as a PNG file: whole or not at all.</summary>
    public void SavePng(string path) => WholeFile.Write(path, stream => PngWriter.Write(this, stream));

    /// <summary>Writes the image as PNG to a stream.</summary>
    public void SavePng(Stream stream) => PngWriter.Write(this, stream);

    private static int Size(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)width * height, MaxPixels, "width * height");
        return 3 * width * height;
    }
}
