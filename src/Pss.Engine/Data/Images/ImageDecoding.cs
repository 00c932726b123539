using System.Globalization;

namespace Pss.Engine.Data.Images;

/// <summary>How image files are decoded.</summary>
public sealed record ImageDecoding
{
    /// <summary>What <see cref="MaxPixels"/> is where nothing else is said.</summary>
    public const int DefaultMaxPixels = 256_000_000;

    /// <summary>Below this many eighths little time is gained, since every coefficient is read anyway, and detections move further: scaling the whole
    /// picture takes single pixels of it, the decoder means of many.</summary>
    private const int LeastEighths = 3;

    /// <summary>Larger images are refused before any memory is taken for them: 1 to <see cref="RgbImage.MostPixels"/>. A pixel takes 3 bytes, and
    /// while it is decoded, save from a JPEG, 4 more.</summary>
    public int MaxPixels { get; init; } = DefaultMaxPixels;

    /// <summary>The sizes at which the pictures are needed: a larger JPEG is decoded at the least number of eighths of its size, 3 at the least, that is
    /// not below the largest of them, in a fraction of the time. Null decodes all pixels.</summary>
    public IReadOnlyList<Resize>? Sizes { get; init; }

    /// <summary>Pictures are needed this much larger than <see cref="Sizes"/> say, 1 or more: 2 where half of a side may be cut out and scaled to
    /// the whole size.</summary>
    public double Enlargement { get; init; } = 1;

    /// <summary>For pictures that are scaled to a size right away.</summary>
    public static ImageDecoding For(Resize size) => new() { Sizes = [size] };

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentException">A property is out of range; the message names it, its value and the range.</exception>
    public void Validate()
    {
        CheckMaxPixels(MaxPixels);
        if (!(Enlargement >= 1))
            throw new ArgumentException($"{nameof(Enlargement)} is {Enlargement}; take 1 or more");
    }

    internal static void CheckMaxPixels(int value)
    {
        if (value is < 1 or > RgbImage.MostPixels)
            throw new ArgumentException($"{nameof(MaxPixels)} is {value}; the range is 1 to {RgbImage.MostPixels}");
    }

    /// <summary>What to say of an image of more pixels than are read.</summary>
    internal static string TooLarge(double width, double height, int maxPixels) => string.Create(CultureInfo.InvariantCulture,
        $"{width} x {height} pixels are more than the {maxPixels:N0} that are read; raise {nameof(MaxPixels)}, in ReadOptions or {nameof(ImageDecoding)}, or make the image smaller");

    /// <summary>The eighths of its size at which a picture may be decoded.</summary>
    internal int Eighths(int width, int height)
    {
        if (Sizes is not { Count: > 0 })
            return 8;
        var needed = Enlargement * Sizes.Max(size => size.For(width, height) is var lies ? Math.Max(lies.ScaleX, lies.ScaleY) : 1);
        return Math.Clamp((int)Math.Ceiling(8 * needed), LeastEighths, 8);
    }
}
