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
    // The product of masks and pixels that is in memory at once, per layer of the mask head: 128 MB.
    private const long MostPixels = 1L << 25;

    /// <summary>The detections of an image with their masks.</summary>
    /// <param name="outputs">The network outputs of the batch, in float32.</param>
    /// <param name="grid">The locations.</param>
    /// <param name="image">Index of the image.</param>
    /// <param name="detections">Its detections, in its own pixels.</param>
    /// <param name="locations">The location of each detection.</param>
    /// <param name="geometry">How the image was scaled.</param>
    public static Detection[] Add(
        HeadOutputs outputs, AnchorPoints grid, int image, IReadOnlyList<Detection> detections, long[] locations, ResizeGeometry geometry)
    {
        var features = outputs.MaskFeatures!.narrow(0, image, 1);
        var (height, width) = ((int)features.shape[2] * 2, (int)features.shape[3] * 2);
        var (rows, columns) = (MaskAxis.Create(height, geometry.Height, geometry.SourceHeight), MaskAxis.Create(width, geometry.Width, geometry.SourceWidth));
        var result = new Detection[detections.Count];
        var chunk = (int)Math.Clamp(MostPixels / (height * width * 4L), 1, Math.Max(1, result.Length));
        for (var first = 0; first < result.Length; first += chunk)
        {
            var start = first;
            var count = Math.Min(chunk, result.Length - first);
            var probabilities = Probabilities(outputs, features, grid, image, locations.AsSpan(first, count)).ToHost<float>();
            Parallel.For(0, count, i => result[start + i] = detections[start + i] with
            {
                Mask = Paint(probabilities.AsSpan(i * height * width, height * width), rows, columns),
            });
        }
        return result;
    }

    /// <summary>The masks at stride 4, 0 to 1, [K, H / 4, W / 4].</summary>
    private static Tensor Probabilities(HeadOutputs outputs, Tensor features, AnchorPoints grid, int image, ReadOnlySpan<long> locations)
    {
        using var scope = NewDisposeScope();
        var index = tensor(locations.ToArray()).to(features.device);
        var parameters = outputs.MaskParameters![image].index_select(0, index);
        var logits = DynamicMaskHead.Logits(features, parameters, null, grid.Points.index_select(0, index), grid.Strides.index_select(0, index));
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
