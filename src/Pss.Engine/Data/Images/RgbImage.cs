namespace Pss.Engine.Data.Images;

/// <summary>A decoded image: interleaved R, G, B bytes, rows from the top, no padding.</summary>
public sealed class RgbImage
{
    /// <summary>The largest number of pixels of an image: an array of four bytes per pixel, as other libraries need it, cannot hold more.</summary>
    public const int MaxPixels = 536_870_897;

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

    /// <summary>Width in full resolution: the file's if the image was decoded at a reduced scale, else <see cref="Width"/>. Boxes of detections and
    /// the source sizes of a <see cref="ResizeGeometry"/> are in full resolution.</summary>
    public int FullWidth => Frame.FullWidth;

    /// <summary>Height in full resolution.</summary>
    public int FullHeight => Frame.FullHeight;

    internal PixelFrame Frame { get; }

    /// <summary>The usual file extensions of the supported formats, in lower case: ".jpg", ...</summary>
    public static IReadOnlyList<string> Extensions => ImageHeader.Extensions;

    /// <summary>Whether a file's extension is one of <see cref="Extensions"/>, in upper or lower case.</summary>
    public static bool IsImageName(string path) => ImageHeader.IsImageName(path);

    /// <summary>Reads the size of an upright picture from the header of its file, without decoding pixels.</summary>
    /// <exception cref="InvalidDataException">The format is not supported, or the header is damaged; the message names the file.</exception>
    public static (int Width, int Height) ReadSize(string path)
    {
        var header = ImageHeader.Read(path);
        return (header.Width, header.Height);
    }

    /// <summary>Reads a JPEG, PNG, WebP, BMP, GIF (first frame) or ICO. The image is turned upright by the EXIF orientation of a JPEG or WebP; gray
    /// becomes RGB; transparency is over black; color profiles are not applied.</summary>
    /// <exception cref="InvalidDataException">Not an image, damaged, or larger than <see cref="ImageDecoding.DefaultMaxPixels"/>; the message names
    /// the file.</exception>
    public static RgbImage Load(string path) => Load(path, new());

    /// <summary>Reads an image file; see <see cref="Load(string)"/>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="decoding">The size limit and the sizes needed.</param>
    /// <exception cref="InvalidDataException">Not an image, damaged, or too large; the message names the file.</exception>
    public static RgbImage Load(string path, ImageDecoding decoding) => Decode(File.ReadAllBytes(path), path, decoding);

    /// <summary>Decodes an image from a stream; see <see cref="Load(string)"/>.</summary>
    /// <param name="stream">The bytes of the file, read to the end.</param>
    /// <param name="name">The name for error messages.</param>
    /// <param name="decoding">The size limit and the sizes needed; null takes the defaults.</param>
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
    /// <param name="name">The name for error messages.</param>
    /// <param name="decoding">The size limit and the sizes needed; null takes the defaults.</param>
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

    /// <summary>Copies pixels from a buffer of four bytes per pixel. Colors must be premultiplied by alpha, so that transparency is over black.</summary>
    /// <param name="pixels">4 * width * height bytes: red, green, blue and alpha of each pixel.</param>
    /// <param name="blueFirst">Whether the order is blue, green, red, alpha.</param>
    /// <exception cref="ArgumentException">The span is of another length.</exception>
    public void CopyFrom(ReadOnlySpan<byte> pixels, bool blueFirst = false)
    {
        CheckFour(pixels.Length);
        PixelBytes.DropAlpha(pixels, Pixels, blueFirst);
    }

    /// <summary>Copies the pixels to a buffer of four bytes per pixel: red, green, blue and 255.</summary>
    /// <param name="pixels">4 * width * height bytes.</param>
    /// <exception cref="ArgumentException">The span is of another length.</exception>
    public void CopyTo(Span<byte> pixels)
    {
        CheckFour(pixels.Length);
        PixelBytes.AddAlpha(Pixels, pixels);
    }

    /// <summary>Size of an image in bytes.</summary>
    internal static int Size(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)width * height, MaxPixels, "width * height");
        return 3 * width * height;
    }

    private void CheckFour(int length)
    {
        if (length != 4 * Width * Height)
            throw new ArgumentException($"{Width} x {Height} pixels of four bytes need {4 * Width * Height} bytes, but {length} were given", "pixels");
    }
}
