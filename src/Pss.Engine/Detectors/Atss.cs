using Pss.Engine.Assignment;
using Pss.Engine.Boxes;
using Pss.Engine.Losses;
using Pss.Engine.Onnx.Graphs;
using static TorchSharp.torch;

namespace Pss.Engine.Detectors;

/// <summary>
/// ATSS (Zhang et al., "Bridging the Gap Between Anchor-based and Anchor-free Detection"), the paper's second base detector: FCOS's head on
/// one square anchor per location, with positives chosen by a threshold that adapts to each object's IoUs.
/// </summary>
/// <param name="options">The detector's options; they are checked.</param>
/// <param name="seed">Seed of the starting weights.</param>
internal sealed class Atss(AtssOptions options, ulong seed = 0)
    : DenseDetector(options, seed, generator =>
        new(options.Head, BoxCoder.For(options.BoxEncoding, options.AnchorScale), options.Pyramid.Channels, options.Classes, generator))
{
    /// <inheritdoc/>
    protected override Tensor Assign(AnchorPoints points, BatchTargets targets) =>
        AdaptiveSelection.Assign(points, targets, options.Candidates, options.AnchorScale);

    /// <summary>At least one per image, as ATSS's base code counts.</summary>
    protected override Tensor CountPositives(Tensor isPositive) => isPositive.sum(1).AtLeast(1).sum();

    /// <inheritdoc/>
    protected override IEnumerable<LossTerm> BaseLosses(AssignedBatch batch, LossNormalizers normalizers)
    {
        var (outputs, losses) = (batch.Outputs, options.Losses);
        var counted = options.IgnorePadding ? batch.InsideImage() : null;
        var classification = FocalLoss.OfClasses(outputs.ClassLogits, batch.Labels(), counted, losses.FocalAlpha, losses.FocalGamma);
        var box = GeneralizedIouLoss.Sum(batch.Boxes, batch.TargetBoxes(), BoxWeights(batch));
        var centerness = CenternessLoss.Sum(outputs.CenternessLogits, batch.CenternessTargets(), batch.PositiveMask());
        yield return new("classification", classification, losses.ClassificationWeight, normalizers.Locations);
        yield return losses.BoxWeighting == BoxWeighting.Centerness
            ? new("box", box, losses.BoxWeight, normalizers.BoxWeights, LeastNormalizer: 1e-6)
            : new("box", box, losses.BoxWeight, normalizers.Locations);
        yield return new("centerness", centerness, losses.CenternessWeight, normalizers.Locations);
    }

    /// <inheritdoc/>
    protected override Tensor BoxWeights(AssignedBatch batch) =>
        options.Losses.BoxWeighting == BoxWeighting.Centerness ? batch.CenternessTargets() : batch.PositiveMask();

    /// <inheritdoc/>
    protected override ScoreFactors<Tensor> BaseScore(HeadOutputs outputs) => new(outputs.ClassLogits, [outputs.CenternessLogits]);

    /// <inheritdoc/>
    protected override ScoreFactors<OnnxValue> BaseScore(HeadValues outputs) => new(outputs.ClassLogits, [outputs.CenternessLogits]);
}
