using Pss.Engine.Assignment;
using Pss.Engine.Boxes;
using Pss.Engine.Losses;
using static TorchSharp.torch;

namespace Pss.Engine.Detectors;

/// <summary>
/// GFocalV2 (Li et al., "Generalized Focal Loss V2"): ATSS's positives, distances as distributions, and a score of class probability times a quality that is
/// read from the distributions; the class loss learns the IoU of the predicted box.
/// </summary>
/// <param name="options">The detector's options; they are checked.</param>
/// <param name="seed">Seed of the starting weights.</param>
internal sealed class GfocalV2(GfocalV2Options options, ulong seed = 0)
    : DenseDetector(options, seed, (_, generator) => new GfocalV2Head(options, generator))
{
    // Distances of targets stay below the last bin.
    private const double Margin = 0.1;

    // Its authors divide by the sum of the weights as it is; without positives that is 0.
    private const double LeastWeights = 1e-12;

    /// <inheritdoc/>
    protected override Tensor Assign(AnchorPoints points, BatchTargets targets) =>
        AdaptiveSelection.Assign(points, targets, options.Candidates, options.AnchorScale);

    /// <summary>At least one per image, as ATSS counts.</summary>
    protected override Tensor CountPositives(Tensor isPositive) => isPositive.sum(1).AtLeast(1).sum();

    /// <inheritdoc/>
    protected override Tensor BoxWeights(AssignedTargets assigned) => assigned.PositiveMask();

    /// <inheritdoc/>
    protected override IEnumerable<LossTerm> BaseLosses(AssignedBatch batch, LossNormalizers normalizers)
    {
        var (outputs, assigned, points) = (batch.Outputs, batch.Assigned, batch.Assigned.Points);
        var targetBoxes = assigned.TargetBoxes();
        var joint = FusedScore.Probability(Score(outputs, withSelector: false));
        var quality = BoxOps.Iou(batch.Boxes.detach(), targetBoxes);
        var classification = QualityFocalLoss.Elementwise(joint, assigned.AtClasses(quality, joint.shape[2]));
        yield return new("classification", assigned.SumOfClasses(Options.Losses.Weigh(classification), Options.IgnorePadding), Options.Losses.ClassificationWeight, normalizers.Locations);

        // A positive counts as much as its best joint score.
        var weights = joint.detach().amax([2]) * assigned.PositiveMask();
        var box = GeneralizedIouLoss.Sum(batch.Boxes, targetBoxes, weights);
        yield return assigned.WeightedMean("box", box, weights, LeastWeights, Options.Losses.BoxWeight, normalizers);
        var distances = Coder.Encode(targetBoxes, points.Points, points.Strides).Within(0, options.LastBin - Margin);
        var distribution = DistributionFocalLoss.PerDistance(outputs.Distributions!, distances).mean([2]) * weights;
        yield return assigned.WeightedMean("distribution", distribution.sum(), weights, LeastWeights, options.DistributionWeight, normalizers);
    }
}
