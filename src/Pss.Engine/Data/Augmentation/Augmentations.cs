using Pss.Engine.Data.Images;

namespace Pss.Engine.Data.Augmentation;

/// <summary>Pure functions that change a sample and leave their input as it is. Masks follow the boxes. Boxes are x1, y1, x2, y2 in continuous pixels.</summary>
internal static class Augmentations
{
    /// <summary>Mirrors left to right: x1' = W - x2, x2' = W - x1.</summary>
    public static TrainingSample FlipHorizontally(TrainingSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        var image = sample.Image;
        var result = new RgbImage(image.Width, image.Height);
        var stride = 3 * image.Width;
        for (var y = 0; y < image.Height; y++)
        {
            var from = image.Pixels.AsSpan(y * stride, stride);
            var to = result.Pixels.AsSpan(y * stride, stride);
            for (int x = 0, back = stride - 3; back >= 0; x += 3, back -= 3)
            {
                to[x] = from[back];
                to[x + 1] = from[back + 1];
                to[x + 2] = from[back + 2];
            }
        }
        return new(result, MapBoxes(sample.Boxes, (x1, y1, x2, y2) => (image.Width - x2, y1, image.Width - x1, y2)), sample.Labels)
        {
            Masks = new MaskTransform(-1, image.Width, 1, 0, image.Width, image.Height).Apply(sample.Masks),
        };
    }

    /// <summary>Mirrors top to bottom: y1' = H - y2, y2' = H - y1.</summary>
    public static TrainingSample FlipVertically(TrainingSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        var image = sample.Image;
        var result = new RgbImage(image.Width, image.Height);
        var stride = 3 * image.Width;
        for (var y = 0; y < image.Height; y++)
            image.Pixels.AsSpan(y * stride, stride).CopyTo(result.Pixels.AsSpan((image.Height - 1 - y) * stride));
        return new(result, MapBoxes(sample.Boxes, (x1, y1, x2, y2) => (x1, image.Height - y2, x2, image.Height - y1)), sample.Labels)
        {
            Masks = new MaskTransform(1, 0, -1, image.Height, image.Width, image.Height).Apply(sample.Masks),
        };
    }

    /// <summary>Scales image and boxes by the actual ratios of the resize geometry.</summary>
    public static TrainingSample ApplyResize(TrainingSample sample, Resize resize)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ArgumentNullException.ThrowIfNull(resize);
        var geometry = resize.For(sample.Image.Width, sample.Image.Height);
        var (scaleX, scaleY) = ((float)geometry.ScaleX, (float)geometry.ScaleY);
        var masks = new MaskTransform(geometry.ScaleX, 0, geometry.ScaleY, 0, geometry.OutWidth, geometry.OutHeight).Apply(sample.Masks);
        return new(geometry.Apply(sample.Image), MapBoxes(sample.Boxes, (x1, y1, x2, y2) => (x1 * scaleX, y1 * scaleY, x2 * scaleX, y2 * scaleY)), sample.Labels) { Masks = masks };
    }

    /// <summary>Crops to a random window of at least <see cref="AugmentationOptions.CropMinimum"/> of each side that contains one object, drawn at
    /// random, entirely. The other objects are clipped, or dropped if less than <see cref="AugmentationOptions.CropVisible"/> of them is left.</summary>
    public static TrainingSample RandomCrop(TrainingSample sample, SeededRandom random, AugmentationOptions options)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ArgumentNullException.ThrowIfNull(random);
        ArgumentNullException.ThrowIfNull(options);
        var image = sample.Image;
        var kept = sample.Labels.Length == 0 ? -1 : random.Next(sample.Labels.Length);
        var (left, width) = Window(image.Width, kept < 0 ? null : (sample.Boxes[4 * kept], sample.Boxes[4 * kept + 2]));
        var (top, height) = Window(image.Height, kept < 0 ? null : (sample.Boxes[4 * kept + 1], sample.Boxes[4 * kept + 3]));
        return CropTo(sample, left, top, width, height, options.CropVisible);

        (int Start, int Size) Window(int size, (float From, float To)? inside)
        {
            var (from, to) = inside is { } span
                ? (Math.Clamp((int)Math.Floor(span.From), 0, size), Math.Clamp((int)Math.Ceiling(span.To), 0, size))
                : (size, 0);
            var least = Math.Max((int)Math.Ceiling(size * options.CropMinimum), to - from);
            var chosen = random.Next(least, size + 1);
            var first = inside is null ? 0 : Math.Max(0, to - chosen);
            var last = inside is null ? size - chosen : Math.Min(from, size - chosen);
            return (random.Next(first, last + 1), chosen);
        }
    }

    /// <summary>Crops to a window. Boxes are moved and clipped; those of which less than <paramref name="visible"/> of the area is left are
    /// dropped.</summary>
    public static TrainingSample CropTo(TrainingSample sample, int left, int top, int width, int height, double visible)
    {
        ArgumentNullException.ThrowIfNull(sample);
        var image = sample.Image;
        ArgumentOutOfRangeException.ThrowIfNegative(left);
        ArgumentOutOfRangeException.ThrowIfNegative(top);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(left + width, image.Width, nameof(width));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(top + height, image.Height, nameof(height));
        var result = new RgbImage(width, height);
        for (var y = 0; y < height; y++)
            image.Pixels.AsSpan(3 * ((top + y) * image.Width + left), 3 * width).CopyTo(result.Pixels.AsSpan(3 * y * width));
        var moved = MapBoxes(sample.Boxes, (x1, y1, x2, y2) => (x1 - left, y1 - top, x2 - left, y2 - top));
        var masks = new MaskTransform(1, -left, 1, -top, width, height).Apply(sample.Masks);
        return Clip(new(result, moved, sample.Labels) { Masks = masks }, visible);
    }

    /// <summary>Clips boxes to the image and drops those with no area left, less than <paramref name="visible"/> of it, or a side below
    /// <paramref name="leastSide"/> pixels.</summary>
    public static TrainingSample Clip(TrainingSample sample, double visible = 0, double leastSide = 0)
    {
        ArgumentNullException.ThrowIfNull(sample);
        var (boxes, labels) = (new List<float>(sample.Boxes.Length), new List<int>(sample.Labels.Length));
        var masks = sample.Masks is null ? null : new List<Segmentation?>(sample.Labels.Length);
        for (var i = 0; i < sample.Labels.Length; i++)
        {
            var box = sample.Boxes.AsSpan(4 * i, 4);
            var (x1, x2) = (Math.Clamp(box[0], 0, sample.Image.Width), Math.Clamp(box[2], 0, sample.Image.Width));
            var (y1, y2) = (Math.Clamp(box[1], 0, sample.Image.Height), Math.Clamp(box[3], 0, sample.Image.Height));
            var left = (double)(x2 - x1) * (y2 - y1);
            if (!(x2 > x1 && y2 > y1 && Math.Min(x2 - x1, y2 - y1) >= leastSide && left >= visible * ((double)(box[2] - box[0]) * (box[3] - box[1]))))
                continue;
            boxes.AddRange([x1, y1, x2, y2]);
            labels.Add(sample.Labels[i]);
            masks?.Add(sample.Masks![i]);
        }
        return sample with { Boxes = [.. boxes], Labels = [.. labels], Masks = masks?.ToArray() };
    }

    /// <summary>Changes brightness, contrast, saturation and hue by random amounts within the options. Boxes do not change.</summary>
    public static TrainingSample JitterColors(TrainingSample sample, SeededRandom random, AugmentationOptions options)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ArgumentNullException.ThrowIfNull(random);
        ArgumentNullException.ThrowIfNull(options);
        var change = new ColorChange(
            random.NextDouble(1 - options.Brightness, 1 + options.Brightness),
            random.NextDouble(1 - options.Contrast, 1 + options.Contrast),
            random.NextDouble(1 - options.Saturation, 1 + options.Saturation),
            random.NextDouble(-options.Hue, options.Hue));
        return sample with { Image = change.Apply(sample.Image) };
    }

    private static float[] MapBoxes(float[] boxes, Func<float, float, float, float, (float, float, float, float)> map)
    {
        var result = new float[boxes.Length];
        for (var i = 0; i < boxes.Length; i += 4)
            (result[i], result[i + 1], result[i + 2], result[i + 3]) = map(boxes[i], boxes[i + 1], boxes[i + 2], boxes[i + 3]);
        return result;
    }
}
