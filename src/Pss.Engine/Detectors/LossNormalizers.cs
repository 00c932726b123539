using static TorchSharp.torch;

namespace Pss.Engine.Detectors;

/// <summary>
/// The normalizers of the loss terms, scalars. They depend on the objects alone and add up over batches: where the passes of an accumulated step
/// divide by the normalizers of the whole step, their gradients add up to the gradient of the step.
/// </summary>
/// <param name="Locations">Normalizer of the class and center-ness losses: positives, for ATSS at least one per image.</param>
/// <param name="Positives">Positives of the one-to-many branch.</param>
/// <param name="BoxWeights">The sum of the box loss's weights.</param>
/// <param name="MatchedObjects">Objects matched one to one; 0 without a selector.</param>
/// <param name="Images">Number of images, the normalizer of the ranking loss.</param>
/// <param name="MaskedPositives">Positives of objects with a mask; 0 without masks.</param>
/// <param name="MaskedPixels">Pixels of the semantic loss that an object covers; 0 without masks.</param>
internal sealed record LossNormalizers(
    Tensor Locations, Tensor Positives, Tensor BoxWeights, Tensor MatchedObjects, Tensor Images, Tensor MaskedPositives, Tensor MaskedPixels)
{
    /// <summary>A number as a scalar on a device.</summary>
    public static Tensor Count(long number, Device device) => tensor((float)number).ToDevice(device);

    /// <summary>The normalizers of several batches together. The tensors belong to the dispose scope in force.</summary>
    public static LossNormalizers Sum(IReadOnlyList<LossNormalizers> batches) => new(
        Sum(batches, batch => batch.Locations), Sum(batches, batch => batch.Positives), Sum(batches, batch => batch.BoxWeights),
        Sum(batches, batch => batch.MatchedObjects), Sum(batches, batch => batch.Images), Sum(batches, batch => batch.MaskedPositives),
        Sum(batches, batch => batch.MaskedPixels));

    /// <summary>How many there are.</summary>
    public const int Number = 7;

    /// <summary>The normalizers by their values, in the order of <see cref="ToNumbers"/>. The tensors belong to the dispose scope in force.</summary>
    public static LossNormalizers From(ReadOnlySpan<double> values, Device device)
    {
        Tensor[] all = [.. values.ToArray().Select(value => tensor((float)value).ToDevice(device))];
        return new(all[0], all[1], all[2], all[3], all[4], all[5], all[6]);
    }

    /// <summary>The values, in one copy off the device.</summary>
    public double[] ToNumbers()
    {
        using var scope = NewDisposeScope();
        return Array.ConvertAll(stack(All.Select(value => value.to(ScalarType.Float32))).ToHost<float>(), value => (double)value);
    }

    private Tensor[] All => [Locations, Positives, BoxWeights, MatchedObjects, Images, MaskedPositives, MaskedPixels];

    /// <summary>Hands the tensors to the outer dispose scope.</summary>
    public LossNormalizers MoveToOuterDisposeScope()
    {
        foreach (var value in All)
            value.MoveToOuterDisposeScope();
        return this;
    }

    private static Tensor Sum(IReadOnlyList<LossNormalizers> batches, Func<LossNormalizers, Tensor> part) => stack(batches.Select(part)).sum();
}
