using Pss.Engine.Assignment;
using Pss.Engine.Backbones;
using Pss.Engine.Data.Loading;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using Pss.Engine.Losses;
using static TorchSharp.torch;

namespace Pss.Engine.Training;

/// <summary>The gradient of one optimizer step on one replica of the detector: forward, loss terms and backward of each of its passes.</summary>
/// <param name="detector">The replica.</param>
/// <param name="device">Where it is.</param>
/// <param name="channelsLast">Whether convolutions run channels-last.</param>
/// <param name="namesOf">Names of training images by their indices, for messages.</param>
/// <param name="precision">Number format of the convolutions. The network's weights stay float32: each convolution rounds its own to the format of its input.</param>
internal sealed class TrainingStep(
    DenseDetector detector, Device device, bool channelsLast, Func<IEnumerable<int>, string> namesOf, Precision precision = Precision.Float32)
{
    /// <summary>
    /// The normalizers of a step of several passes: divided by those, the passes' losses and gradients add up to what one pass over all
    /// images gives. Null for a single pass, which has its own. The tensors belong to the dispose scope in force.
    /// </summary>
    /// <param name="passes">The batches of the step.</param>
    public LossNormalizers? Normalizers(IReadOnlyList<TrainingBatch> passes)
        => passes.Count == 1 ? null : SumOfNormalizers(passes);

    /// <summary>The normalizers of batches together. The tensors belong to the dispose scope in force.</summary>
    /// <param name="passes">At least one batch.</param>
    public LossNormalizers SumOfNormalizers(IReadOnlyList<TrainingBatch> passes)
    {
        using var scope = NewDisposeScope();
        return LossNormalizers.Sum([.. passes.Select(batch => detector.Normalizers(Targets(batch), batch.Height, batch.Width))]).MoveToOuterDisposeScope();
    }

    /// <summary>One forward and backward pass; its gradient is added to what is there.</summary>
    /// <param name="batch">The images.</param>
    /// <param name="ofStep">The normalizers of the step; null where the batch is the step.</param>
    /// <param name="scale">The loss scale; null for none.</param>
    /// <returns>The losses, still on the device, without gradient; they belong to the dispose scope in force. None without images.</returns>
    /// <exception cref="InsufficientMemoryException">The pass does not fit into the device's memory.</exception>
    public PassLosses Pass(TrainingBatch batch, LossNormalizers? ofStep, LossScale? scale = null)
    {
        if (batch.Count == 0)
            return PassLosses.None;
        using var scope = NewDisposeScope();
        try
        {
            var images = NetworkInput.Create(batch.Pixels, batch.Width, batch.Height, Sizes(batch), detector.Options.Pixels, device, channelsLast);
            if (precision != Precision.Float32)
                images = images.to(precision.ToScalarType());
            var losses = detector.Losses(detector.call(images), Targets(batch), ofStep);
            (scale is null ? losses.Total : losses.Total.Times(scale.Factor)).backward();
            detector.ThrowBackwardFailure();
            return losses.Detach().MoveToOuterDisposeScope();
        }
        catch (Exception fault) when (MemoryShortage.Is(fault))
        {
            throw MemoryShortage.Explain(fault, batch, device);
        }
    }

    private BatchTargets Targets(TrainingBatch batch)
    {
        var (boxes, labels) = ByImage(batch);
        try
        {
            var targets = BatchTargets.Create(boxes, labels, detector.Options.Classes, device, Sizes(batch));
            return batch.SampledMasks is { } masks
                ? targets with { Masks = MaskTargets.Create(masks, Array.ConvertAll(labels, image => image.Length), device) }
                : targets;
        }
        catch (ArgumentException fault)
        {
            throw new InvalidDataException($"Training images {namesOf(batch.SampleIndices)}: {fault.Message}", fault);
        }
    }

    private static (int Width, int Height)[] Sizes(TrainingBatch batch) => Array.ConvertAll(batch.Sizes, size => (size.Width, size.Height));

    private static (float[][] Boxes, int[][] Labels) ByImage(TrainingBatch batch)
    {
        var (boxes, labels) = (new float[batch.Count][], new int[batch.Count][]);
        var first = 0;
        for (var image = 0; image < batch.Count; image++)
        {
            var end = first;
            while (end < batch.ImageOfObject.Length && batch.ImageOfObject[end] == image)
                end++;
            (boxes[image], labels[image]) = (batch.Boxes[(4 * first)..(4 * end)], batch.Labels[first..end]);
            first = end;
        }
        return (boxes, labels);
    }
}
