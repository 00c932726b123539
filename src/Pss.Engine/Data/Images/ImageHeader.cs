using SkiaSharp;

namespace Pss.Engine.Data.Images;

/// <summary>Format and size of an image file, read without decoding pixels.</summary>
/// <param name="Format">The format by its signature; the file's extension does not matter.</param>
/// <param name="Width">Width in pixels of the upright picture, as <see cref="RgbImage.Load(string)"/> gives it.</param>
/// <param name="Height">Height in pixels of the upright picture.</param>
/// <param name="Orientation">EXIF orientation of the stored pixels, 1 to 8; 1 is upright, 5 to 8 are rotated by 90 degrees.</param>
internal readonly record struct ImageHeader(ImageFormat Format, int Width, int Height, int Orientation = 1)
{
    /// <summary>The usual file extensions of the supported formats, in lower case: ".jpg", ...</summary>
    public static IReadOnlyList<string> Extensions { get; } = [".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".ico"];

    /// <summary>Width of the pixels as they are stored, before the orientation is applied.</summary>
    public int StoredWidth => IsRotated ? Height : Width;

    /// <summary>Height of the pixels as they are stored.</summary>
    public int StoredHeight => IsRotated ? Width : Height;

    private bool IsRotated => Orientation >= 5;

    /// <summary>Whether a file's extension is one of <see cref="Extensions"/>, in upper or lower case.</summary>
    public static bool IsImageName(string path) => Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads the header of a file.</summary>
    /// <exception cref="InvalidDataException">Not a JPEG, PNG, WebP, BMP, GIF or ICO file, or its header is damaged; the message names the file.</exception>
    public static ImageHeader Read(string path)
    {
        // Reports why a file cannot be opened, which the decoder does not.
        File.OpenHandle(path).Dispose();
        using var codec = ImageDecoder.Open(SKCodec.Create(path, out var result), result, path);
        return ImageDecoder.Header(codec, path);
    }

    /// <summary>Reads the header from a stream; <paramref name="name"/> is used in error messages.</summary>
    /// <exception cref="InvalidDataException">Not a JPEG, PNG, WebP, BMP, GIF or ICO image, or its header is damaged.</exception>
    public static ImageHeader Read(Stream stream, string name)
    {
        ArgumentNullException.ThrowIfNull(stream);
        // The decoder is native code: an exception of a managed stream must not pass through it.
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        using var data = SKData.CreateCopy(copy.GetBuffer().AsSpan(0, (int)copy.Length));
        using var codec = ImageDecoder.Open(SKCodec.Create(new SKMemoryStream(data), out var result), result, name);
        return ImageDecoder.Header(codec, name);
    }
}
