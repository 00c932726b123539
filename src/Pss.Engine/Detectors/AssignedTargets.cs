using Pss.Engine.Assignment;
using Pss.Engine.Boxes;
using Pss.Engine.Losses;
using static TorchSharp.torch;

namespace Pss.Engine.Detectors;

/// <summary>The objects of a batch after the base detector's assignment, one-to-many in all but DeFCN. N images, L locations, G objects.</summary>
/// <param name="Targets">The objects.</param>
/// <param name="Points">The locations.</param>
/// <param name="Matched">The object each location is a positive of, [N, L]; -1 is background.</param>
internal sealed record AssignedTargets(BatchTargets Targets, AnchorPoints Points, Tensor Matched)
{
    /// <summary>True at positives, [N, L].</summary>
    public Tensor IsPositive { get; } = Matched.IsAtLeast(0);

    /// <summary>The class of each location, [N, L]; -1 is background.</summary>
    public Tensor Labels() => Targets.Labels.gather(1, Matched.AtLeast(0)).Masked(IsPositive.logical_not(), -1);

    /// <summary>The box of each positive's object, [N, L, 4]; any other box elsewhere.</summary>
    public Tensor TargetBoxes() => Targets.Boxes.gather(1, Matched.AtLeast(0).unsqueeze(-1).expand(-1, -1, 4));

    /// <summary>1 at positives, 0 elsewhere, [N, L].</summary>
    public Tensor PositiveMask() => IsPositive.to(Points.Points.dtype);

    /// <summary>The center-ness of each positive in its object, 0 elsewhere, [N, L].</summary>
    public Tensor CenternessTargets() => BoxOps.Centerness(BoxCoder.SideDistances(TargetBoxes(), Points.Points)) * PositiveMask();

    /// <summary>A value of each positive at its class, 0 elsewhere, [N, L, C].</summary>
    /// <param name="values">[N, L].</param>
    /// <param name="classes">Number of classes.</param>
    public Tensor AtClasses(Tensor values, long classes) =>
        Labels().unsqueeze(-1).eq(Tensor.Indices(classes, values.device)).to(values.dtype) * values.unsqueeze(-1);

    /// <summary>The sum of a class loss over all locations, or over those inside their images.</summary>
    /// <param name="loss">[N, L, C].</param>
    /// <param name="ignorePadding">Whether locations in the padding count nothing.</param>
    public Tensor SumOfClasses(Tensor loss, bool ignorePadding) =>
        ignorePadding && InsideImage() is { } inside ? (loss * inside.unsqueeze(-1).to(loss.dtype)).sum() : loss.sum();

    /// <summary>
    /// A box loss that is the mean by weights of the predictions. In several passes the weights of the others are not known: passes count by their
    /// positives.
    /// </summary>
    /// <param name="name">The term's name.</param>
    /// <param name="sum">The weighted sum.</param>
    /// <param name="weights">The weights, [N, L].</param>
    /// <param name="leastWeights">The least sum of the weights to divide by.</param>
    /// <param name="weight">The term's weight.</param>
    /// <param name="normalizers">Those of the step.</param>
    public LossTerm WeightedMean(string name, Tensor sum, Tensor weights, double leastWeights, double weight, LossNormalizers normalizers) =>
        new(name, sum / weights.sum().AtLeast(leastWeights) * IsPositive.sum(), weight, normalizers.Positives);

    /// <summary>1 for objects that have a positive, 0 for others, [N, G].</summary>
    public Tensor ObjectsWithPositives() => PssLoss.ScatterTargets(zeros_like(Targets.Valid, ScalarType.Int64), Matched);

    /// <summary>True at locations inside their image, false in the padding, [N, L]; null where the batch does not state its images' sizes.</summary>
    public Tensor? InsideImage() => Targets.ImageSizes is { } sizes ? (Points.Points.unsqueeze(0) < sizes.unsqueeze(1)).all(-1) : null;

    /// <summary>True at positives of objects with a mask, [N, L].</summary>
    /// <exception cref="InvalidOperationException">The targets have no masks.</exception>
    public Tensor HasMask() => IsPositive & Masks().Present.gather(1, Matched.AtLeast(0));

    /// <summary>The masks of the objects.</summary>
    /// <exception cref="InvalidOperationException">The targets have none.</exception>
    public MaskTargets Masks() => Targets.Masks ?? throw new InvalidOperationException("The detector learns masks, and the targets have none.");
}
