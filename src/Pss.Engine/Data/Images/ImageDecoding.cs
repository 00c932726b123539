using System.Globalization;

namespace Pss.Engine.Data.Images;

/// <summary>Options for decoding image files.</summary>
public sealed record ImageDecoding
{
    /// <summary>The default of <see cref="MaxPixels"/>.</summary>
    public const int DefaultMaxPixels = 256_000_000;

    /// <summary>The smallest reduction. Fewer eighths save little time, since every coefficient is read anyway, and move detections further: bilinear
    /// scaling of the whole picture samples single pixels, the decoder averages many.</summary>
    private const int MinEighths = 3;

    /// <summary>Larger images are rejected before memory is allocated: 1 to <see cref="RgbImage.MaxPixels"/>. A pixel takes 3 bytes, and
    /// 4 more during decoding unless the file is a JPEG.</summary>
    public int MaxPixels { get; init; } = DefaultMaxPixels;

    /// <summary>The sizes at which the images are needed: a larger JPEG is decoded at the smallest number of eighths of its size, at least 3, that
    /// is not below the largest of them, in a fraction of the time. Null decodes all pixels.</summary>
    public IReadOnlyList<Resize>? Sizes { get; init; }

    /// <summary>Factor by which images are needed larger than <see cref="Sizes"/>, at least 1: 2 if a crop of half a side is scaled to
    /// the whole size.</summary>
    public double Enlargement { get; init; } = 1;

    /// <summary>Options for images that are scaled to a size next.</summary>
    public static ImageDecoding For(Resize size) => new() { Sizes = [size] };

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentException">A property is out of range; the message names it, its value and the range.</exception>
    public void Validate()
    {
        CheckMaxPixels(MaxPixels);
        if (!(Enlargement >= 1))
            throw new ArgumentException($"{nameof(Enlargement)} is {Enlargement}; it must be at least 1");
    }

    internal static void CheckMaxPixels(int value)
    {
        if (value is < 1 or > RgbImage.MaxPixels)
            throw new ArgumentException($"{nameof(MaxPixels)} is {value}; the range is 1 to {RgbImage.MaxPixels}");
    }

    /// <summary>The message for an image with too many pixels.</summary>
    internal static string TooLarge(double width, double height, int maxPixels) => string.Create(CultureInfo.InvariantCulture,
        $"{width} x {height} pixels exceed the limit of {maxPixels:N0}; raise {nameof(MaxPixels)}, in ReadOptions or {nameof(ImageDecoding)}, or make the image smaller");

    /// <summary>The number of eighths of its size at which an image may be decoded.</summary>
    internal int Eighths(int width, int height)
    {
        if (Sizes is not { Count: > 0 })
            return 8;
        var needed = Enlargement * Sizes.Max(size => LargerScale(size.For(width, height)));
        return Math.Clamp((int)Math.Ceiling(8 * needed), MinEighths, 8);
    }

    private static double LargerScale(ResizeGeometry geometry) => Math.Max(geometry.ScaleX, geometry.ScaleY);
}
