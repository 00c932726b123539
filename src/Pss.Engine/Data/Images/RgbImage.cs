namespace Pss.Engine.Data.Images;

/// <summary>A decoded image: interleaved R, G, B bytes, rows from the top, no padding.</summary>
public sealed class RgbImage
{
    /// <summary>The most pixels that an image can have: what an array holds at four bytes each, as other libraries want them.</summary>
    public const int MostPixels = 536_870_897;

    /// <summary>Makes a black image.</summary>
    public RgbImage(int width, int height) : this(width, height, new byte[Size(width, height)])
    {
    }

    /// <summary>Wraps pixels without copying them.</summary>
    /// <exception cref="ArgumentException">The array is not 3 * width * height long, or the size is out of range.</exception>
    public RgbImage(int width, int height, byte[] pixels) : this(width, height, pixels, new(width, height))
    {
    }

    internal RgbImage(int width, int height, byte[] pixels, PixelFrame frame)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        if (pixels.Length != Size(width, height))
            throw new ArgumentException($"{width} x {height} RGB needs {Size(width, height)} bytes, not {pixels.Length}", nameof(pixels));
        (Width, Height, Pixels, Frame) = (width, height, pixels, frame);
    }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>The pixels: byte (y * Width + x) * 3 is red, then green, then blue.</summary>
    public byte[] Pixels { get; }

    /// <summary>Width of the picture: that of its file, where this was decoded at a reduced scale; else <see cref="Width"/>. Boxes of detections and
    /// the source sizes of a <see cref="ResizeGeometry"/> are in pixels of the picture.</summary>
    public int FullWidth => Frame.FullWidth;

    /// <summary>Height of the picture.</summary>
    public int FullHeight => Frame.FullHeight;

    internal PixelFrame Frame { get; }

    /// <summary>The usual extensions of the formats that are read, in lower case: ".jpg", ...</summary>
    public static IReadOnlyList<string> Extensions => ImageHeader.Extensions;

    /// <summary>Whether a file's name has an extension of a format that is read, in upper or lower case.</summary>
    public static bool IsImageName(string path) => ImageHeader.IsImageName(path);

    /// <summary>Reads the size of an upright picture from the header of its file, without decoding pixels.</summary>
    /// <exception cref="InvalidDataException">Not an image of a format that is read, or its header is damaged; the message names the file.</exception>
    public static (int Width, int Height) ReadSize(string path)
    {
        var header = ImageHeader.Read(path);
        return (header.Width, header.Height);
    }

    /// <summary>Reads a JPEG, PNG, WebP, BMP, GIF (first frame) or ICO. The picture comes upright, as the EXIF orientation of a JPEG or WebP says; gray
    /// is spread; transparency lies on black; color profiles are not applied.</summary>
    /// <exception cref="InvalidDataException">Not an image, damaged, or larger than <see cref="ImageDecoding.DefaultMaxPixels"/>; the message names
    /// the file.</exception>
    public static RgbImage Load(string path) => Load(path, new());

    /// <summary>Reads an image file; see <see cref="Load(string)"/>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="decoding">The largest size, and what size is needed.</param>
    /// <exception cref="InvalidDataException">Not an image, damaged, or too large; the message names the file.</exception>
    public static RgbImage Load(string path, ImageDecoding decoding) => Decode(File.ReadAllBytes(path), path, decoding);

    /// <summary>Decodes an image from a stream; see <see cref="Load(string)"/>.</summary>
    /// <param name="stream">The file's bytes; read to their end.</param>
    /// <param name="name">What error messages call it.</param>
    /// <param name="decoding">The largest size, and what size is needed; null takes the defaults.</param>
    /// <exception cref="InvalidDataException">Not an image, damaged, or too large.</exception>
    public static RgbImage Decode(Stream stream, string name, ImageDecoding? decoding = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return Decode(copy.ToArray(), name, decoding);
    }

    /// <summary>Decodes an image from the bytes of a file; see <see cref="Load(string)"/>.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="name">What error messages call it.</param>
    /// <param name="decoding">The largest size, and what size is needed; null takes the defaults.</param>
    /// <exception cref="InvalidDataException">Not an image, damaged, or too large.</exception>
    public static RgbImage Decode(byte[] bytes, string name, ImageDecoding? decoding = null)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        decoding ??= new();
        decoding.Validate();
        return ImageDecoder.Decode(bytes, name, decoding);
    }

    /// <summary>Writes the image as a PNG file: whole or not at all.</summary>
    public void SavePng(string path) => AtomicFile.Write(path, SavePng);

    /// <summary>Writes the image as PNG to a stream.</summary>
    public void SavePng(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ImageEncoder.Png(this, stream);
    }

    /// <summary>Takes over pixels of four bytes. Colors must be multiplied by their alpha, so that transparency lies on black.</summary>
    /// <param name="pixels">4 * width * height bytes: red, green, blue and alpha of each pixel.</param>
    /// <param name="blueFirst">Whether they are blue, green, red and alpha.</param>
    /// <exception cref="ArgumentException">The span is of another length.</exception>
    public void CopyFrom(ReadOnlySpan<byte> pixels, bool blueFirst = false)
    {
        CheckFour(pixels.Length);
        PixelBytes.Narrow(pixels, Pixels, blueFirst);
    }

    /// <summary>Gives the pixels with four bytes each: red, green, blue and 255.</summary>
    /// <param name="pixels">4 * width * height bytes.</param>
    /// <exception cref="ArgumentException">The span is of another length.</exception>
    public void CopyTo(Span<byte> pixels)
    {
        CheckFour(pixels.Length);
        PixelBytes.Widen(Pixels, pixels);
    }

    /// <summary>Bytes of an image.</summary>
    internal static int Size(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)width * height, MostPixels, "width * height");
        return 3 * width * height;
    }

    private void CheckFour(int length)
    {
        if (length != 4 * Width * Height)
            throw new ArgumentException($"{Width} x {Height} pixels of four bytes need {4 * Width * Height} bytes, not {length}", "pixels");
    }
}
