using System.Text.Json.Serialization;
using Pss.Engine.Data.Images;

namespace Pss.Engine.Data.Augmentation;

/// <summary>Augmentation of training images. The defaults are the paper's recipe (Section 4.1): eleven short sides from 480 to 800, long side
/// at most 1333, horizontal flip with probability 0.5; nothing else. Ranges of what is off by default are those of its common implementations,
/// named at each.</summary>
/// <remarks>
/// Boxes and masks follow the pixels. Scale jitter, zoom-out, affine, mosaic and mixup draw on a canvas of the size that the image would have otherwise;
/// what no image covers is gray, <see cref="Fill"/> in each channel. An object is dropped if less than <see cref="CropVisible"/> of its box is left
/// on the canvas or in a crop, or, on a canvas, if its box is less than a pixel wide or high. An image may end up without objects; it is trained as background.
/// </remarks>
public sealed record AugmentationOptions
{
    /// <summary>The value of each channel where no image is, near the mean pixel of photographs: that of YOLOX and MMDetection.</summary>
    public const byte Fill = 114;

    /// <summary>The sizes from which one is drawn uniformly per image. See <see cref="Resize.ShortestEdges"/>; a single entry fixes the
    /// size.</summary>
    public IReadOnlyList<Resize> Sizes { get; init; } = Resize.ShortestEdges();

    /// <summary>Share of the epochs, from the first on, whose images are half as wide and high, 0 to 1: a quarter of the work for what can be learned at that size.
    /// It is rounded to whole epochs, and the last one is at full size always; a training that goes on for more epochs has the share of all.
    /// All of <see cref="Sizes"/> must then have a shorter side of 64 pixels or more.</summary>
    public double HalfSizeShare { get; init; }

    /// <summary>Probability of a horizontal flip (left to right), 0 to 1.</summary>
    public double HorizontalFlip { get; init; } = 0.5;

    /// <summary>Probability of a vertical flip (upside down), 0 to 1.</summary>
    public double VerticalFlip { get; init; }

    /// <summary>Probability of a random crop, 0 to 1. The crop contains one object, drawn at random, entirely.</summary>
    public double Crop { get; init; }

    /// <summary>The smallest fraction of the width and of the height that a crop keeps, 0.01 to 1.</summary>
    public double CropMinimum { get; init; } = 0.5;

    /// <summary>An object is dropped if less than this fraction of its box is inside the crop or canvas, 0 to 1; the other boxes are clipped.</summary>
    public double CropVisible { get; init; } = 0.25;

    /// <summary>Largest change b of the brightness factor, drawn from 1 - b to 1 + b; 0 to 1.</summary>
    public double Brightness { get; init; }

    /// <summary>Largest change c of the contrast factor about the image's mean gray, drawn from 1 - c to 1 + c; 0 to 1.</summary>
    public double Contrast { get; init; }

    /// <summary>Largest change s of the saturation factor, drawn from 1 - s to 1 + s; 0 to 1.</summary>
    public double Saturation { get; init; }

    /// <summary>Largest rotation h of the hue in full turns, drawn from -h to h; 0 to 0.5.</summary>
    public double Hue { get; init; }

    /// <summary>Probability of large-scale jitter, 0 to 1: the image is scaled by a random factor, then cropped or padded to its size at a random place.
    /// Images in a mosaic have the mosaic's scale instead.</summary>
    public double ScaleJitter { get; init; }

    /// <summary>Smallest factor of <see cref="ScaleJitter"/>, 0.05 to 10. Detectron2 and MMDetection: 0.1.</summary>
    public double ScaleJitterMinimum { get; init; } = 0.1;

    /// <summary>Largest factor of <see cref="ScaleJitter"/>, 0.05 to 10. Detectron2 and MMDetection: 2.</summary>
    public double ScaleJitterMaximum { get; init; } = 2;

    /// <summary>Probability of zooming out, 0 to 1: the image becomes smaller by a random factor and lies at a random place (SSD's "expand": 0.5). Not in a
    /// mosaic.</summary>
    public double ZoomOut { get; init; }

    /// <summary>Largest factor by which <see cref="ZoomOut"/> makes an image smaller, 1 to 10. SSD: 4.</summary>
    public double ZoomOutMaximum { get; init; } = 4;

    /// <summary>Probability of a random rotation, shear, scale and translation about the middle of the canvas, 0 to 1; of a mosaic as a whole. The new box is
    /// that of the object's mask where it has one, or else of the box's corners.</summary>
    public double Affine { get; init; }

    /// <summary>Largest rotation of <see cref="Affine"/> to either side, in degrees, 0 to 180. YOLOX and MMDetection: 10.</summary>
    public double AffineRotation { get; init; } = 10;

    /// <summary>Largest shear of <see cref="Affine"/> along each axis, in degrees, 0 to 45. YOLOX and MMDetection: 2.</summary>
    public double AffineShear { get; init; } = 2;

    /// <summary>Largest translation of <see cref="Affine"/> as a fraction of width and height, 0 to 1. YOLOX and MMDetection: 0.1.</summary>
    public double AffineTranslation { get; init; } = 0.1;

    /// <summary>Smallest scale of <see cref="Affine"/>, 0.05 to 10. MMDetection: 0.5.</summary>
    public double AffineScaleMinimum { get; init; } = 0.5;

    /// <summary>Largest scale of <see cref="Affine"/>, 0.05 to 10. MMDetection: 1.5.</summary>
    public double AffineScaleMaximum { get; init; } = 1.5;

    /// <summary>Probability of a mosaic, 0 to 1: the image and three others, drawn at random, adjoin at a random point in the middle half of the canvas.
    /// Each image is loaded four times as often; <see cref="Training.TrainingOptions.CacheBytes"/> keeps them decoded.</summary>
    public double Mosaic { get; init; }

    /// <summary>Smallest scale of the images of a mosaic against their size without one, 0.05 to 10. Ultralytics: 0.5.</summary>
    public double MosaicMinimum { get; init; } = 0.5;

    /// <summary>Largest scale of the images of a mosaic, 0.05 to 10. Ultralytics: 1.5.</summary>
    public double MosaicMaximum { get; init; } = 1.5;

    /// <summary>Probability of mixing in another image, 0 to 1: it is scaled by a random factor, flipped with the probability of <see cref="HorizontalFlip"/>,
    /// laid at a random place, and averaged in equal parts where it covers the canvas; its objects join the others, as in YOLOX.</summary>
    public double Mixup { get; init; }

    /// <summary>Smallest scale of the image of <see cref="Mixup"/>, 0.05 to 10. YOLOX: 0.5.</summary>
    public double MixupMinimum { get; init; } = 0.5;

    /// <summary>Largest scale of the image of <see cref="Mixup"/>, 0.05 to 10. YOLOX: 1.5.</summary>
    public double MixupMaximum { get; init; } = 1.5;

    /// <summary>Number of last epochs without <see cref="Mosaic"/>, <see cref="Mixup"/> and <see cref="Affine"/>, so that the training ends on images like those
    /// to come; 0 keeps them on. YOLOX: 15 of 300.</summary>
    public int CloseEpochs { get; init; }

    /// <summary>No augmentation: one fixed size, as for validation.</summary>
    public static AugmentationOptions None(Resize size) => new() { Sizes = [size], HorizontalFlip = 0 };

    /// <summary>Flip, scale jitter from half to one and a half for every other image, and color: what
    /// <see cref="Training.TrainingRecipe.Pretrained"/> takes.</summary>
    /// <param name="sizes">See <see cref="Sizes"/>.</param>
    public static AugmentationOptions Jitter(IReadOnlyList<Resize> sizes) => new()
    {
        Sizes = sizes,
        ScaleJitter = 0.5,
        ScaleJitterMinimum = 0.5,
        ScaleJitterMaximum = 1.5,
        Brightness = 0.2,
        Contrast = 0.2,
        Saturation = 0.2,
        Hue = 0.02,
    };

    /// <summary><see cref="Jitter"/>, and a mosaic for every other image, of images at half of their size to all of it; in the last tenth of the epochs no mosaic.
    /// For more epochs than a recipe has by itself.</summary>
    /// <param name="sizes">See <see cref="Sizes"/>.</param>
    /// <param name="epochs">Number of epochs, 1 or more.</param>
    public static AugmentationOptions SmallData(IReadOnlyList<Resize> sizes, int epochs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(epochs, 1);
        return Jitter(sizes) with { Mosaic = 0.5, MosaicMaximum = 1, CloseEpochs = (epochs + 9) / 10 };
    }

    /// <summary>The entry of <see cref="Sizes"/> with the largest images.</summary>
    [JsonIgnore]
    public Resize LargestSize => Sizes.MaxBy(size => size.ShorterSide)!;

    /// <summary>Decoding options that suit these augmentations.</summary>
    [JsonIgnore]
    public ImageDecoding Decoding => new() { Sizes = Sizes, Enlargement = LargestScale };

    /// <summary>Whether images are drawn on a canvas.</summary>
    internal bool HasCanvas => ScaleJitter > 0 || ZoomOut > 0 || Affine > 0 || NeedsOthers;

    /// <summary>Whether an image may show others.</summary>
    internal bool NeedsOthers => Mosaic > 0 || Mixup > 0;

    /// <summary>The work of an image at full size, in images at half size.</summary>
    internal const int WorkAtFullSize = 4;

    /// <summary>The options of the epochs at half size.</summary>
    internal AugmentationOptions Halved => this with { Sizes = [.. Sizes.Select(size => size.Scale(0.5))], HalfSizeShare = 0 };

    /// <summary>The number of epochs at half size.</summary>
    /// <param name="epochs">Number of all epochs.</param>
    internal int HalfSizeEpochs(int epochs) => Math.Clamp((int)Math.Round(HalfSizeShare * epochs), 0, Math.Max(0, epochs - 1));

    /// <summary>The options of the last epochs.</summary>
    internal AugmentationOptions Closed => this with { Mosaic = 0, Mixup = 0, Affine = 0 };

    /// <summary>The largest scale of an image against its size without augmentation, at least 1.</summary>
    private double LargestScale
    {
        get
        {
            var single = ScaleJitter > 0 ? Math.Max(1, ScaleJitterMaximum) : 1;
            var ofAffine = Math.Max(single, Mosaic > 0 ? MosaicMaximum : 1) * (Affine > 0 ? Math.Max(1, AffineScaleMaximum) : 1);
            return Math.Max(ofAffine, Mixup > 0 ? MixupMaximum : 1) * (Crop > 0 ? 1 / CropMinimum : 1);
        }
    }

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentException">A property is out of range; the message names it, its value and the range.</exception>
    public void Validate()
    {
        if (Sizes is not { Count: > 0 })
            throw new ArgumentException($"{nameof(Sizes)} is empty; give at least one size");
        Range(nameof(HalfSizeShare), HalfSizeShare, 0, 1);
        if (HalfSizeShare > 0 && Sizes.Any(size => size.ShorterSide < 2 * Resize.SizeMultiple))
            throw new ArgumentException(FormattableString.Invariant($"{nameof(HalfSizeShare)} is {HalfSizeShare}, but half of the smallest size is below {Resize.SizeMultiple} pixels; set it to 0"));
        Range(nameof(HorizontalFlip), HorizontalFlip, 0, 1);
        Range(nameof(VerticalFlip), VerticalFlip, 0, 1);
        Range(nameof(Crop), Crop, 0, 1);
        Range(nameof(CropMinimum), CropMinimum, 0.01, 1);
        Range(nameof(CropVisible), CropVisible, 0, 1);
        Range(nameof(Brightness), Brightness, 0, 1);
        Range(nameof(Contrast), Contrast, 0, 1);
        Range(nameof(Saturation), Saturation, 0, 1);
        Range(nameof(Hue), Hue, 0, 0.5);
        Range(nameof(ScaleJitter), ScaleJitter, 0, 1);
        Scales(nameof(ScaleJitterMinimum), ScaleJitterMinimum, nameof(ScaleJitterMaximum), ScaleJitterMaximum);
        Range(nameof(ZoomOut), ZoomOut, 0, 1);
        Range(nameof(ZoomOutMaximum), ZoomOutMaximum, 1, 10);
        Range(nameof(Affine), Affine, 0, 1);
        Range(nameof(AffineRotation), AffineRotation, 0, 180);
        Range(nameof(AffineShear), AffineShear, 0, 45);
        Range(nameof(AffineTranslation), AffineTranslation, 0, 1);
        Scales(nameof(AffineScaleMinimum), AffineScaleMinimum, nameof(AffineScaleMaximum), AffineScaleMaximum);
        Range(nameof(Mosaic), Mosaic, 0, 1);
        Scales(nameof(MosaicMinimum), MosaicMinimum, nameof(MosaicMaximum), MosaicMaximum);
        Range(nameof(Mixup), Mixup, 0, 1);
        Scales(nameof(MixupMinimum), MixupMinimum, nameof(MixupMaximum), MixupMaximum);
        Range(nameof(CloseEpochs), CloseEpochs, 0, int.MaxValue);

        static void Scales(string least, double minimum, string most, double maximum)
        {
            Range(least, minimum, 0.05, 10);
            Range(most, maximum, 0.05, 10);
            if (minimum > maximum)
                throw new ArgumentException(FormattableString.Invariant($"{least} is {minimum}, above {most}, which is {maximum}"));
        }

        static void Range(string name, double value, double low, double high)
        {
            if (!(value >= low && value <= high))
                throw new ArgumentException(FormattableString.Invariant($"{name} is {value}; the range is {low} to {high}"));
        }
    }
}
