using System.Text.Json.Serialization;
using Pss.Engine.Data.Images;

namespace Pss.Engine.Data.Augmentation;

/// <summary>Augmentation of training images. The defaults are the paper's recipe (Section 4.1): eleven short sides from 480 to 800, long side
/// at most 1333, horizontal flip with probability 0.5; no crop, no color jitter.</summary>
public sealed record AugmentationOptions
{
    /// <summary>The sizes from which one is drawn uniformly per image. See <see cref="Resize.ShortestEdges"/>; a single entry fixes the
    /// size.</summary>
    public IReadOnlyList<Resize> Sizes { get; init; } = Resize.ShortestEdges();

    /// <summary>Probability of a horizontal flip (left to right), 0 to 1.</summary>
    public double HorizontalFlip { get; init; } = 0.5;

    /// <summary>Probability of a vertical flip (upside down), 0 to 1.</summary>
    public double VerticalFlip { get; init; }

    /// <summary>Probability of a random crop, 0 to 1. The crop contains one object, drawn at random, entirely.</summary>
    public double Crop { get; init; }

    /// <summary>The smallest fraction of the width and of the height that a crop keeps, 0.01 to 1.</summary>
    public double CropMinimum { get; init; } = 0.5;

    /// <summary>An object is dropped if less than this fraction of its box is inside the crop, 0 to 1; the other boxes are clipped.</summary>
    public double CropVisible { get; init; } = 0.25;

    /// <summary>Largest change b of the brightness factor, drawn from 1 - b to 1 + b; 0 to 1.</summary>
    public double Brightness { get; init; }

    /// <summary>Largest change c of the contrast factor about the image's mean gray, drawn from 1 - c to 1 + c; 0 to 1.</summary>
    public double Contrast { get; init; }

    /// <summary>Largest change s of the saturation factor, drawn from 1 - s to 1 + s; 0 to 1.</summary>
    public double Saturation { get; init; }

    /// <summary>Largest rotation h of the hue in full turns, drawn from -h to h; 0 to 0.5.</summary>
    public double Hue { get; init; }

    /// <summary>No augmentation: one fixed size, as for validation.</summary>
    public static AugmentationOptions None(Resize size) => new() { Sizes = [size], HorizontalFlip = 0 };

    /// <summary>The entry of <see cref="Sizes"/> with the largest images.</summary>
    [JsonIgnore]
    public Resize LargestSize => Sizes.MaxBy(size => size.ShorterSide)!;

    /// <summary>Decoding options that suit these augmentations.</summary>
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
