using Pss.Engine.Data.Augmentation;

namespace Pss.Engine.Data.Loading;

/// <summary>The masks of a batch as detectors learn them, sampled from masks of full resolution: every fourth pixel of each, and their classes at every
/// eighth.</summary>
internal sealed class SampledMasks
{
    private SampledMasks(int objects, int images, int height, int width)
    {
        (Rows, Columns) = (height / Step, width / Step);
        (Pixels, Present, Centroids) = (new byte[(long)objects * Rows * Columns], new bool[objects], new float[2 * objects]);
        (ClassRows, ClassColumns) = (height / ClassStep, width / ClassStep);
        Classes = new long[images * ClassRows * ClassColumns];
    }

    /// <summary>Input pixels for one pixel of a mask.</summary>
    public const int Step = 4;

    /// <summary>Input pixels for one pixel of the classes.</summary>
    public const int ClassStep = 8;

    /// <summary>Rows of a mask, H / 4.</summary>
    public int Rows { get; }

    /// <summary>Columns of a mask, W / 4.</summary>
    public int Columns { get; }

    /// <summary>0 or 1, [objects, Rows, Columns]: rows and columns 2, 6, 10, ... of the full masks.</summary>
    public byte[] Pixels { get; }

    /// <summary>Whether each object has a mask.</summary>
    public bool[] Present { get; }

    /// <summary>Mean x and y index of the pixels of each full mask; the center of the box for an object without a mask or with an empty one.</summary>
    public float[] Centroids { get; }

    /// <summary>Rows of the classes, H / 8.</summary>
    public int ClassRows { get; }

    /// <summary>Columns of the classes, W / 8.</summary>
    public int ClassColumns { get; }

    /// <summary>The class of the smallest mask over each pixel at rows and columns 4, 12, 20, ..., [N, H / 8, W / 8]; -1 where there is none.</summary>
    public long[] Classes { get; }

    /// <summary>Samples the masks of a batch.</summary>
    /// <param name="samples">The images with their masks.</param>
    /// <param name="height">Height of the padded batch, a multiple of 8.</param>
    /// <param name="width">Width of the padded batch, a multiple of 8.</param>
    public static SampledMasks Create(IReadOnlyList<TrainingSample> samples, int height, int width)
    {
        var result = new SampledMasks(samples.Sum(sample => sample.Labels.Length), samples.Count, height, width);
        var first = 0;
        for (var image = 0; image < samples.Count; image++)
        {
            var sample = samples[image];
            var (start, full) = (first, new byte[sample.Labels.Length][]);
            // Masks are filled side by side; an image has tens of them.
            Parallel.For(0, full.Length, i => full[i] = result.Sample(start + i, sample, i));
            result.SampleClasses(image, sample, full);
            first += full.Length;
        }
        return result;
    }

    /// <summary>The same masks in a batch with more padding.</summary>
    /// <param name="images">Number of images.</param>
    /// <param name="height">Height of the padded batch, a multiple of 8.</param>
    /// <param name="width">Width of the padded batch, a multiple of 8.</param>
    public SampledMasks PadTo(int images, int height, int width)
    {
        var padded = new SampledMasks(Present.Length, images, height, width);
        Present.CopyTo(padded.Present, 0);
        Centroids.CopyTo(padded.Centroids, 0);
        for (var row = 0; row < Present.Length * Rows; row++)
            Pixels.AsSpan(row * Columns, Columns).CopyTo(padded.Pixels.AsSpan((row / Rows * padded.Rows + row % Rows) * padded.Columns));
        Array.Fill(padded.Classes, -1);
        for (var row = 0; row < images * ClassRows; row++)
            Classes.AsSpan(row * ClassColumns, ClassColumns).CopyTo(padded.Classes.AsSpan((row / ClassRows * padded.ClassRows + row % ClassRows) * padded.ClassColumns));
        return padded;
    }

    /// <summary>Samples one object; returns the pixels of its full mask down the columns, empty without a mask.</summary>
    private byte[] Sample(int index, TrainingSample sample, int item)
    {
        var box = sample.Boxes.AsSpan(4 * item, 4);
        (Centroids[2 * index], Centroids[2 * index + 1]) = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2);
        if (sample.Masks?[item] is not { } mask)
            return [];
        var (height, width) = (sample.Image.Height, sample.Image.Width);
        var runs = mask.ToRuns(height, width);
        Present[index] = true;
        if (Centroid(runs) is { } center)
            (Centroids[2 * index], Centroids[2 * index + 1]) = center;

        var full = RunLengthMask.ToColumns(runs);
        var target = Pixels.AsSpan(index * Rows * Columns, Rows * Columns);
        for (var x = Step / 2; x < width; x += Step)
            for (var y = Step / 2; y < height; y += Step)
                target[y / Step * Columns + x / Step] = full[x * height + y];
        return full;
    }

    private void SampleClasses(int image, TrainingSample sample, byte[][] full)
    {
        var classes = Classes.AsSpan(image * ClassRows * ClassColumns, ClassRows * ClassColumns);
        classes.Fill(-1);
        var height = sample.Image.Height;
        // The smallest mask comes last and stays; of equal ones the first.
        var order = Enumerable.Range(0, full.Length).Where(i => full[i].Length > 0)
            .OrderByDescending(i => full[i].AsSpan().Count((byte)1)).ThenByDescending(i => i);
        foreach (var i in order)
            for (var x = ClassStep / 2; x < sample.Image.Width; x += ClassStep)
                for (var y = ClassStep / 2; y < height; y += ClassStep)
                    if (full[i][x * height + y] != 0)
                        classes[y / ClassStep * ClassColumns + x / ClassStep] = sample.Labels[i];
    }

    /// <summary>Mean x and y index of the pixels; null for an empty mask.</summary>
    private static (float X, float Y)? Centroid(RleSegmentation runs)
    {
        var (x, y, area) = (0.0, 0.0, 0L);
        for (int i = 0, at = 0; i < runs.Counts.Length; at += runs.Counts[i++])
            for (var from = at; i % 2 == 1 && from < at + runs.Counts[i];)
            {
                // One column's part of the run.
                var (column, row) = (from / runs.Height, from % runs.Height);
                var count = Math.Min(runs.Height - row, at + runs.Counts[i] - from);
                x += (double)column * count;
                y += count * (row + (count - 1) / 2.0);
                area += count;
                from += count;
            }
        return area == 0 ? null : ((float)(x / area), (float)(y / area));
    }
}
