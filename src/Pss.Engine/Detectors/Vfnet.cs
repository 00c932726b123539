using Pss.Engine.Assignment;
using Pss.Engine.Boxes;
using Pss.Engine.Losses;
using static TorchSharp.torch;

namespace Pss.Engine.Detectors;

/// <summary>
/// VFNet (Zhang et al., "VarifocalNet"): ATSS's positives; a first box, whose corners and sides say where to look to refine it and to score its class; the
/// class loss learns the IoU of the refined box.
/// </summary>
/// <param name="options">The detector's options; they are checked.</param>
/// <param name="seed">Seed of the starting weights.</param>
internal sealed class Vfnet(VfnetOptions options, ulong seed = 0) : DenseDetector(options, seed, (_, generator) => new VfnetHead(options, generator))
{
    /// <inheritdoc/>
    protected override Tensor Assign(AnchorPoints points, BatchTargets targets) =>
        AdaptiveSelection.Assign(points, targets, options.Candidates, options.AnchorScale);

    /// <inheritdoc/>
    protected override Tensor CountPositives(Tensor isPositive) => isPositive.sum();

    /// <inheritdoc/>
    protected override Tensor BoxWeights(AssignedTargets assigned) => assigned.PositiveMask();

    /// <inheritdoc/>
    protected override IEnumerable<LossTerm> BaseLosses(AssignedBatch batch, LossNormalizers normalizers)
    {
        var (outputs, assigned, points) = (batch.Outputs, batch.Assigned, batch.Assigned.Points);
        var targetBoxes = assigned.TargetBoxes();
        var quality = BoxOps.Iou(batch.Boxes.detach(), targetBoxes).AtLeast(1e-6);
        var classification = VarifocalLoss.Elementwise(
            outputs.ClassLogits, assigned.AtClasses(quality, outputs.ClassLogits.shape[2]), options.VarifocalAlpha, options.VarifocalGamma);
        yield return new("classification", assigned.SumOfClasses(Options.Losses.Weigh(classification), Options.IgnorePadding), Options.Losses.ClassificationWeight, normalizers.Locations);
        yield return Boxes("first box", Coder.Decode(outputs.FirstBoxes!, points.Points, points.Strides), options.FirstBoxWeight);
        yield return Boxes("box", batch.Boxes, Options.Losses.BoxWeight);

        // Each positive counts as much as its own IoU.
        LossTerm Boxes(string name, Tensor boxes, double weight)
        {
            var weights = BoxOps.Iou(boxes.detach(), targetBoxes).AtLeast(1e-6) * assigned.PositiveMask();
            return assigned.WeightedMean(name, GeneralizedIouLoss.Sum(boxes, targetBoxes, weights), weights, 1, weight, normalizers);
        }
    }
}
