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
        if (Options.IgnorePadding && assigned.InsideImage() is { } counted)
            classification = classification * counted.unsqueeze(-1).to(classification.dtype);
        yield return new("classification", classification.sum(), Options.Losses.ClassificationWeight, normalizers.Locations);

        // A positive counts as much as its best joint score.
        var weights = joint.detach().amax([2]) * assigned.PositiveMask();
        var box = GeneralizedIouLoss.Sum(batch.Boxes, targetBoxes, weights);
        yield return WeightedMean("box", box, weights, Options.Losses.BoxWeight);
        var distances = Coder.Encode(targetBoxes, points.Points, points.Strides).Within(0, options.LastBin - Margin);
        var distribution = DistributionFocalLoss.PerDistance(outputs.Distributions!, distances).mean([2]) * weights;
        yield return WeightedMean("distribution", distribution.sum(), weights, options.DistributionWeight);

        // In several passes the weights of the others are not known: passes count by their positives.
        LossTerm WeightedMean(string name, Tensor sum, Tensor by, double weight) =>
            new(name, sum / by.sum().AtLeast(1e-12) * assigned.IsPositive.sum(), weight, normalizers.Positives);
    }
}
