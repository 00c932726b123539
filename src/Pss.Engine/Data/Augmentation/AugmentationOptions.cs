using System.Text.Json.Serialization;
using Pss.Engine.Data.Images;

namespace Pss.Engine.Data.Augmentation;

/// <summary>How training images are varied. The defaults are the paper's recipe (Section 4.1): eleven short sides from 480 to 800, long side
/// at most 1333, horizontal flip by half; no crop and no change of color.</summary>
public sealed record AugmentationOptions
{
    /// <summary>The sizes one is drawn from for each image, all equally likely. See <see cref="Resize.ShortestEdges"/>; a single entry fixes the
    /// size.</summary>
    public IReadOnlyList<Resize> Sizes { get; init; } = Resize.ShortestEdges();

    /// <summary>Probability of a flip left to right, 0 to 1.</summary>
    public double HorizontalFlip { get; init; } = 0.5;

    /// <summary>Probability of a flip upside down, 0 to 1.</summary>
    public double VerticalFlip { get; init; }

    /// <summary>Probability of a random crop, 0 to 1. The crop holds one object, drawn at random, whole.</summary>
    public double Crop { get; init; }

    /// <summary>The least share of width and of height that a crop leaves, above 0 to 1.</summary>
    public double CropMinimum { get; init; } = 0.5;

    /// <summary>An object is dropped when a crop leaves less than this share of its box, 0 to 1; what is left of the others is clipped.</summary>
    public double CropVisible { get; init; } = 0.25;

    /// <summary>Brightness is multiplied by 1 - b to 1 + b; 0 to 1.</summary>
    public double Brightness { get; init; }

    /// <summary>Contrast, about the image's mean gray, is multiplied by 1 - c to 1 + c; 0 to 1.</summary>
    public double Contrast { get; init; }

    /// <summary>Saturation is multiplied by 1 - s to 1 + s; 0 to 1.</summary>
    public double Saturation { get; init; }

    /// <summary>Hue is turned by -h to h of a whole turn; 0 to 0.5.</summary>
    public double Hue { get; init; }

    /// <summary>No variation: one fixed size, as for validation.</summary>
    public static AugmentationOptions None(Resize size) => new() { Sizes = [size], HorizontalFlip = 0 };

    /// <summary>How image files are decoded for it.</summary>
    [JsonIgnore]
    public ImageDecoding Decoding => new() { Sizes = Sizes, Enlargement = Crop > 0 ? 1 / CropMinimum : 1 };

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentException">A property is out of range; the message names it, its value and the range.</exception>
    public void Validate()
    {
        if (Sizes is not { Count: > 0 })
            throw new ArgumentException($"{nameof(Sizes)} is empty; give at least one size");
        Range(nameof(HorizontalFlip), HorizontalFlip, 0, 1);
        Range(nameof(VerticalFlip), VerticalFlip, 0, 1);
        Range(nameof(Crop), Crop, 0, 1);
        Range(nameof(CropMinimum), CropMinimum, 0.01, 1);
        Range(nameof(CropVisible), CropVisible, 0, 1);
        Range(nameof(Brightness), Brightness, 0, 1);
        Range(nameof(Contrast), Contrast, 0, 1);
        Range(nameof(Saturation), Saturation, 0, 1);
        Range(nameof(Hue), Hue, 0, 0.5);

        static void Range(string name, double value, double low, double high)
        {
            if (!(value >= low && value <= high))
                throw new ArgumentException(FormattableString.Invariant($"{name} is {value}; the range is {low} to {high}"));
        }
    }
}
