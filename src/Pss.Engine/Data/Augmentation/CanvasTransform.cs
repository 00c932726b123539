using Pss.Engine.Data.Images;

namespace Pss.Engine.Data.Augmentation;

/// <summary>Scale jitter, zoom-out, affine, mosaic and mixup: each image is drawn once, by one map, on a canvas of the size that the first would have
/// otherwise.</summary>
/// <param name="options">The options; checked.</param>
/// <param name="vary">Crop and color of an image, given a number from 0 to 1 for the decision to crop.</param>
internal sealed class CanvasTransform(AugmentationOptions options, Func<TrainingSample, double, SeededRandom, TrainingSample> vary)
{
    private const int MosaicImages = 4;
    private const double LeastSide = 1;

    /// <summary>Draws a sample on a canvas; null where none of the changes was drawn.</summary>
    /// <param name="sample">The sample, with its crop and color.</param>
    /// <param name="size">The size drawn for it.</param>
    /// <param name="random">The stream of the canvas.</param>
    /// <param name="another">Draws another sample, for mosaic and mixup.</param>
    public TrainingSample? Apply(TrainingSample sample, Resize size, SeededRandom random, Func<SeededRandom, TrainingSample>? another)
    {
        var (jitter, zoom, affine, mosaic, mixup) = (
            random.NextDouble() < options.ScaleJitter, random.NextDouble() < options.ZoomOut, random.NextDouble() < options.Affine,
            random.NextDouble() < options.Mosaic, random.NextDouble() < options.Mixup);
        if (!(jitter || zoom || affine || mosaic || mixup))
            return null;
        var geometry = size.For(sample.Image.Width, sample.Image.Height);
        var image = new RgbImage(geometry.OutWidth, geometry.OutHeight);
        image.Pixels.AsSpan().Fill(AugmentationOptions.Fill);
        var canvas = new Canvas(image, options.CropVisible, sample.Masks is not null);
        // Every part has a stream of its own, so that its draws do not depend on the others'.
        var whole = affine ? DrawAffine(image, random.Branch(1)) : AffineTransform.ScaleAndMove(1, 1, 0, 0);
        if (mosaic)
            AddMosaic(canvas, sample, size, whole, random.Branch(2), another);
        else
            canvas.Add(sample, DrawSingle(geometry, jitter, zoom, random.Branch(3)).Then(whole));
        if (mixup)
            AddMixup(canvas, size, random.Branch(4), another);
        return canvas.ToSample();
    }

    private AffineTransform DrawAffine(RgbImage canvas, SeededRandom random) => AffineTransform.About(
        canvas.Width / 2.0, canvas.Height / 2.0,
        random.NextDouble(-options.AffineRotation, options.AffineRotation),
        random.NextDouble(-options.AffineShear, options.AffineShear),
        random.NextDouble(-options.AffineShear, options.AffineShear),
        random.NextDouble(options.AffineScaleMinimum, options.AffineScaleMaximum),
        canvas.Width * random.NextDouble(-options.AffineTranslation, options.AffineTranslation),
        canvas.Height * random.NextDouble(-options.AffineTranslation, options.AffineTranslation));

    private AffineTransform DrawSingle(ResizeGeometry geometry, bool jitter, bool zoom, SeededRandom random)
    {
        if (!jitter && !zoom)
            return AffineTransform.ScaleAndMove(geometry.ScaleX, geometry.ScaleY, 0, 0);
        var (larger, smaller) = (random.NextDouble(options.ScaleJitterMinimum, options.ScaleJitterMaximum), random.NextDouble(1, options.ZoomOutMaximum));
        return PlaceAtRandom(geometry, geometry.OutWidth, geometry.OutHeight, (jitter ? larger : 1) / (zoom ? smaller : 1), random);
    }

    /// <summary>A scaled image at a random place: all of it on the canvas, or where it is larger, the canvas all on it.</summary>
    private static AffineTransform PlaceAtRandom(ResizeGeometry geometry, int width, int height, double scale, SeededRandom random) => AffineTransform.ScaleAndMove(
        scale * geometry.ScaleX, scale * geometry.ScaleY,
        random.NextDouble() * (width - scale * geometry.Width), random.NextDouble() * (height - scale * geometry.Height));

    private void AddMosaic(Canvas canvas, TrainingSample first, Resize size, AffineTransform whole, SeededRandom random, Func<SeededRandom, TrainingSample>? another)
    {
        var scale = random.NextDouble(options.MosaicMinimum, options.MosaicMaximum);
        var (x, y) = (canvas.Image.Width * random.NextDouble(0.25, 0.75), canvas.Image.Height * random.NextDouble(0.25, 0.75));
        var place = random.Next(MosaicImages);
        for (var i = 0; i < MosaicImages; i++)
        {
            var sample = i == 0 ? first : Another(another, random.Branch(i));
            var geometry = size.For(sample.Image.Width, sample.Image.Height);
            var corner = (place + i) % MosaicImages;
            canvas.Add(sample, AffineTransform.ScaleAndMove(
                scale * geometry.ScaleX, scale * geometry.ScaleY,
                corner % 2 == 0 ? x - scale * geometry.Width : x, corner < 2 ? y - scale * geometry.Height : y).Then(whole));
        }
    }

    private void AddMixup(Canvas canvas, Resize size, SeededRandom random, Func<SeededRandom, TrainingSample>? another)
    {
        var sample = Another(another, random.Branch(0));
        var geometry = size.For(sample.Image.Width, sample.Image.Height);
        var scale = random.NextDouble(options.MixupMinimum, options.MixupMaximum);
        var flip = random.NextDouble() < options.HorizontalFlip
            ? AffineTransform.ScaleAndMove(-1, 1, sample.Image.Width, 0)
            : AffineTransform.ScaleAndMove(1, 1, 0, 0);
        canvas.Add(sample, flip.Then(PlaceAtRandom(geometry, canvas.Image.Width, canvas.Image.Height, scale, random)), mix: true);
    }

    private TrainingSample Another(Func<SeededRandom, TrainingSample>? another, SeededRandom random)
    {
        ArgumentNullException.ThrowIfNull(another);
        var sample = another(random);
        return vary(sample, random.NextDouble(), random);
    }

    /// <summary>The image that is drawn on, and the objects on it.</summary>
    private sealed class Canvas(RgbImage image, double visible, bool masks)
    {
        private readonly List<TrainingSample> _parts = [];

        public RgbImage Image => image;

        public void Add(TrainingSample sample, AffineTransform map, bool mix = false)
        {
            AffinePainter.Draw(sample.Image, map, image, mix);
            var inside = AffineObjects.CutToImage(sample);
            var (boxes, mapped) = AffineObjects.Map(inside, map, image.Width, image.Height);
            _parts.Add(Augmentations.Clip(new(image, boxes, inside.Labels) { Masks = mapped }, visible, LeastSide));
        }

        public TrainingSample ToSample() => new(image, [.. _parts.SelectMany(part => part.Boxes)], [.. _parts.SelectMany(part => part.Labels)])
        {
            Masks = masks ? [.. _parts.SelectMany(part => part.Masks ?? new Segmentation?[part.Labels.Length])] : null,
        };
    }
}
