using static TorchSharp.torch;

namespace Pss.Engine.Detectors;

/// <summary>
/// What loss terms are divided by. All of them follow from the objects alone and add up over batches, so that the passes of an accumulated
/// step, or the processes of a distributed one, divide by those of the whole step and their gradients add up to the step's. Scalars.
/// </summary>
/// <param name="Locations">Of the class and center-ness losses: positives, counted as the detector counts them.</param>
/// <param name="Positives">Positives of the one-to-many branch.</param>
/// <param name="BoxWeights">The sum of the box loss's weights.</param>
/// <param name="MatchedObjects">Objects matched one to one; 0 without a selector.</param>
/// <param name="Images">Images.</param>
internal sealed record LossNormalizers(Tensor Locations, Tensor Positives, Tensor BoxWeights, Tensor MatchedObjects, Tensor Images)
{
    /// <summary>A number as a scalar on a device.</summary>
    public static Tensor Count(long number, Device device) => tensor((float)number).to(device);

    /// <summary>Those of several batches together. The tensors belong to the dispose scope in force.</summary>
    public static LossNormalizers Sum(IReadOnlyList<LossNormalizers> batches) => new(
        Sum(batches, batch => batch.Locations), Sum(batches, batch => batch.Positives), Sum(batches, batch => batch.BoxWeights),
        Sum(batches, batch => batch.MatchedObjects), Sum(batches, batch => batch.Images));

    /// <summary>Hands the tensors to the outer dispose scope.</summary>
    public LossNormalizers MoveToOuterDisposeScope()
    {
        foreach (var value in (Tensor[])[Locations, Positives, BoxWeights, MatchedObjects, Images])
            value.MoveToOuterDisposeScope();
        return this;
    }

    private static Tensor Sum(IReadOnlyList<LossNormalizers> batches, Func<LossNormalizers, Tensor> part) => stack(batches.Select(part)).sum();
}
