using Pss.Engine.Boxes;
using Pss.Engine.Data;
using Pss.Engine.Data.Images;
using Pss.Engine.Detectors;
using Pss.Engine.Layers;
using static TorchSharp.torch;

namespace Pss.Engine.Inference;

/// <summary>From CondInst's outputs to masks of detections in pixels of the original image.</summary>
internal static class MaskPrediction
{
    // Masks times input pixels at stride 2 that are computed at once: 84 MB for the first layer of the mask head.
    private const long MostPixels = 1L << 25;

    /// <summary>The detections of each image with their masks. One copy from the device, or a few where there are many masks.</summary>
    /// <param name="outputs">The network outputs of the batch, in float32.</param>
    /// <param name="grid">The locations.</param>
    /// <param name="detections">The detections of each image, in its own pixels.</param>
    /// <param name="locations">The location of each detection.</param>
    /// <param name="geometries">How the images were scaled.</param>
    public static IReadOnlyList<IReadOnlyList<Detection>> Add(
        HeadOutputs outputs, AnchorPoints grid, IReadOnlyList<IReadOnlyList<Detection>> detections, long[][] locations, IReadOnlyList<ResizeGeometry> geometries)
    {
        var (height, width) = ((int)outputs.MaskFeatures!.shape[2] * 2, (int)outputs.MaskFeatures.shape[3] * 2);
        var axes = geometries.Select(size => (Rows: MaskAxis.Create(height, size.Height, size.SourceHeight), Columns: MaskAxis.Create(width, size.Width, size.SourceWidth))).ToArray();
        var result = detections.Select(found => found.ToArray()).ToArray();
        (int Image, int Item)[] all = [.. result.SelectMany((found, image) => found.Select((_, item) => (image, item)))];
        foreach (var part in all.Chunk((int)Math.Max(1, MostPixels / (height * width * 4L))))
        {
            var probabilities = Probabilities(outputs, grid, [.. part.Select(at => (long)at.Image)], [.. part.Select(at => locations[at.Image][at.Item])]).ToHost<float>();
            Parallel.For(0, part.Length, i =>
            {
                var (image, item) = part[i];
                var mask = Paint(probabilities.AsSpan(i * height * width, height * width), axes[image].Rows, axes[image].Columns);
                result[image][item] = result[image][item] with { Mask = mask };
            });
        }
        return result;
    }

    /// <summary>The masks at stride 4, 0 to 1, [K, H / 4, W / 4].</summary>
    private static Tensor Probabilities(HeadOutputs outputs, AnchorPoints grid, long[] images, long[] locations)
    {
        using var scope = NewDisposeScope();
        var device = outputs.MaskFeatures!.device;
        var (image, location) = (tensor(images).ToDevice(device), tensor(locations).ToDevice(device));
        var parameters = outputs.MaskParameters!.index(TensorIndex.Tensor(image), TensorIndex.Tensor(location));
        var (points, strides) = (grid.Points.index_select(0, location), grid.Strides.index_select(0, location));
        var logits = DynamicMaskHead.Logits(outputs.MaskFeatures, parameters, image, points, strides);
        return LinearResampling.Upsample(logits, 2).sigmoid().MoveToOuterDisposeScope();
    }

    /// <summary>The pixels of the original image whose interpolated probability is above 0.5.</summary>
    private static RleSegmentation Paint(ReadOnlySpan<float> probabilities, MaskAxis rows, MaskAxis columns)
    {
        var (height, width) = (rows.Outputs, columns.Outputs);
        var pixels = new byte[height * width];
        // Interpolated values are at most the largest of those around them: nothing is set outside the rows and columns that reach 0.5.
        var (top, bottom, left, right) = Reach(probabilities, rows.Inputs, columns.Inputs);
        var column = new float[rows.Inputs + MaskAxis.Taps];
        for (var x = 0; x < width && top <= bottom; x++)
        {
            var from = columns.First[x];
            if (from > right || from + MaskAxis.Taps <= left)
                continue;
            var weights = columns.Weights.AsSpan(MaskAxis.Taps * x, MaskAxis.Taps);
            for (var y = Math.Max(0, top - MaskAxis.Taps); y <= Math.Min(bottom + MaskAxis.Taps, rows.Inputs - 1); y++)
            {
                var sum = 0f;
                for (var tap = 0; tap < MaskAxis.Taps && from + tap < columns.Inputs; tap++)
                    sum += weights[tap] * probabilities[y * columns.Inputs + from + tap];
                column[y] = sum;
            }
            var target = pixels.AsSpan(x * height, height);
            for (var y = 0; y < height; y++)
            {
                var at = rows.First[y];
                if (at > bottom || at + MaskAxis.Taps <= top)
                    continue;
                var offset = MaskAxis.Taps * y;
                if (rows.Weights[offset] * column[at] + rows.Weights[offset + 1] * column[at + 1] + rows.Weights[offset + 2] * column[at + 2] > 0.5f)
                    target[y] = 1;
            }
        }
        return RunLengthMask.FromColumns(pixels, height, width);
    }

    /// <summary>The first and last row and column with a probability above 0.5; an empty range where there is none.</summary>
    private static (int Top, int Bottom, int Left, int Right) Reach(ReadOnlySpan<float> probabilities, int height, int width)
    {
        var (top, bottom, left, right) = (int.MaxValue, -1, int.MaxValue, -1);
        for (var y = 0; y < height; y++)
        {
            var row = probabilities.Slice(y * width, width);
            var first = row.IndexOfAnyInRange(float.BitIncrement(0.5f), float.PositiveInfinity);
            if (first < 0)
                continue;
            (top, bottom) = (Math.Min(top, y), y);
            (left, right) = (Math.Min(left, first), Math.Max(right, row.LastIndexOfAnyInRange(float.BitIncrement(0.5f), float.PositiveInfinity)));
        }
        return (top, bottom, left, right);
    }
}
