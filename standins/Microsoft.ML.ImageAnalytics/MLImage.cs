using System.Runtime.InteropServices;
using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML.Data;

public sealed class MLImage : IDisposable
{
    private readonly int _width, _height;
    private readonly MLPixelFormat _format;
    private byte[] _pixels;
    private string _tag;

    private MLImage(int width, int height, MLPixelFormat format, byte[] pixels) => (_width, _height, _format, _pixels) = (width, height, format, pixels);

    public int Width => Alive._width;

    public int Height => Alive._height;

    public int BitsPerPixel => Alive is null ? 0 : 32;

    public MLPixelFormat PixelFormat => Alive._format;

    public ReadOnlySpan<byte> Pixels => Alive._pixels;

    public string Tag
    {
        get => Alive._tag;
        set => Alive._tag = value;
    }

    public byte[] GetBGRPixels => Opaque(_format == MLPixelFormat.Bgra32 ? (0, 1, 2) : (2, 1, 0));

    private MLImage Alive => _pixels is null ? throw new InvalidOperationException("Object is disposed.") : this;

    public static MLImage CreateFromFile(string imagePath)
    {
        ArgumentNullException.ThrowIfNull(imagePath);
        var pixels = File.Exists(imagePath) ? GdkPixbuf.Decode(File.ReadAllBytes(imagePath), out var width, out var height) : Nothing(out width, out height);
        return pixels is null ? throw new ArgumentException($"Invalid path: {imagePath}", nameof(imagePath)) : new MLImage(width, height, MLPixelFormat.Bgra32, pixels);
    }

    public static MLImage CreateFromStream(Stream imageStream)
    {
        ArgumentNullException.ThrowIfNull(imageStream);
        using var copy = new MemoryStream();
        imageStream.CopyTo(copy);
        return GdkPixbuf.Decode(copy.GetBuffer().AsSpan(0, (int)copy.Length), out var width, out var height) is { } pixels
            ? new MLImage(width, height, MLPixelFormat.Bgra32, pixels)
            : throw new ArgumentException("Invalid input stream contents", nameof(imageStream));
    }

    public static MLImage CreateFromPixels(int width, int height, MLPixelFormat pixelFormat, ReadOnlySpan<byte> imagePixelData)
    {
        if (pixelFormat is not (MLPixelFormat.Bgra32 or MLPixelFormat.Rgba32))
            throw new ArgumentException("Unsupported pixel format", nameof(pixelFormat));
        if (width <= 0)
            throw new ArgumentException("Invalid width value.", nameof(width));
        if (height <= 0)
            throw new ArgumentException("Invalid height value.", nameof(height));
        if (imagePixelData.Length != width * height * 4)
            throw new ArgumentException($"Invalid {nameof(imagePixelData)} buffer size.");
        return new MLImage(width, height, pixelFormat, imagePixelData.ToArray());
    }

    public void Save(string imagePath)
    {
        var rgb = Opaque(_format == MLPixelFormat.Bgra32 ? (2, 1, 0) : (0, 1, 2));
        var format = Path.GetExtension(imagePath).ToLowerInvariant() switch
        {
            ".png" => "png",
            ".jpg" or ".jpeg" => "jpeg",
            var other => throw new ArgumentException($"Saving image with the format '{other}' is not supported.", nameof(imagePath)),
        };
        File.WriteAllBytes(imagePath, GdkPixbuf.Encode(rgb, _width, _height, format));
    }

    public void Dispose() => _pixels = null;

    internal MLImage Resize(int width, int height, ImageResizingEstimator.ResizingKind kind, ImageResizingEstimator.Anchor anchor)
    {
        var pixels = new byte[width * height * 4];
        if (kind == ImageResizingEstimator.ResizingKind.Fill)
            Nearest(pixels, width, height);
        else
        {
            var (acrossX, acrossY) = ((float)width / Width, (float)height / Height);
            var pad = kind == ImageResizingEstimator.ResizingKind.IsoPad;
            var scale = acrossY < acrossX == pad ? acrossY : acrossX;
            // Everything is cut to whole pixels, toward zero.
            var x = (int)((width - _width * scale) * Share(ImageResizingEstimator.Anchor.Left, ImageResizingEstimator.Anchor.Right));
            var y = (int)((height - _height * scale) * Share(ImageResizingEstimator.Anchor.Top, ImageResizingEstimator.Anchor.Bottom));
            GdkPixbuf.Draw(this, pixels, width, height, x, y, (int)(_width * scale), (int)(_height * scale));

            float Share(ImageResizingEstimator.Anchor start, ImageResizingEstimator.Anchor end)
                => pad || (anchor != start && anchor != end) ? 0.5f : anchor == start ? 0 : 1;
        }
        return new MLImage(width, height, _format, pixels) { _tag = _tag };
    }

    internal MLImage Grayscale()
    {
        var pixels = Pixels.ToArray();
        var (red, blue) = _format == MLPixelFormat.Bgra32 ? (2, 0) : (0, 2);
        for (var i = 0; i < pixels.Length; i += 4)
            pixels[i] = pixels[i + 1] = pixels[i + 2] = (byte)MathF.Round(0.3f * pixels[i + red] + 0.59f * pixels[i + 1] + 0.11f * pixels[i + blue]);
        return new MLImage(_width, _height, _format, pixels) { _tag = _tag };
    }

    private static byte[] Nothing(out int width, out int height)
    {
        width = height = 0;
        return null;
    }

    private void Nearest(byte[] pixels, int width, int height)
    {
        var from = MemoryMarshal.Cast<byte, int>(Pixels);
        var to = MemoryMarshal.Cast<byte, int>(pixels);
        for (var y = 0; y < height; y++)
        {
            var row = from.Slice((int)((y + 0.5) * _height / height) * _width, _width);
            for (var x = 0; x < width; x++)
                to[y * width + x] = row[(int)((x + 0.5) * _width / width)];
        }
    }

    /// <summary>Three of the four channels in the order asked for, no longer multiplied by the fourth.</summary>
    private byte[] Opaque((int First, int Second, int Third) order)
    {
        var pixels = Pixels;
        var result = new byte[_width * _height * 3];
        for (int from = 0, to = 0; from < pixels.Length; from += 4, to += 3)
        {
            var alpha = pixels[from + 3];
            result[to] = Straight(pixels[from + order.First], alpha);
            result[to + 1] = Straight(pixels[from + order.Second], alpha);
            result[to + 2] = Straight(pixels[from + order.Third], alpha);
        }
        return result;

        static byte Straight(int value, int alpha) => alpha == 0 ? (byte)0 : (byte)Math.Min(255, (value * 255 + alpha / 2) / alpha);
    }
}
