using Pss.Engine.Assignment;
using Pss.Engine.Boxes;
using Pss.Engine.Losses;
using Pss.Engine.Onnx.Graphs;
using static TorchSharp.torch;

namespace Pss.Engine.Detectors;

/// <summary>
/// FCOS (Tian et al., "FCOS: Fully Convolutional One-Stage Object Detection"), the paper's first base detector: every location near an
/// object's center predicts the distances to the sides of its box, and its score is class probability times center-ness.
/// </summary>
/// <param name="options">The detector's options; they are checked.</param>
/// <param name="seed">Seed of the starting weights.</param>
internal sealed class Fcos(FcosOptions options, ulong seed = 0)
    : DenseDetector(options, seed, generator =>
        new(options.Head, BoxCoder.For(options.BoxEncoding, options.AnchorScale), options.Pyramid.Channels, options.Classes, generator))
{
    /// <inheritdoc/>
    protected override Tensor Assign(AnchorPoints points, BatchTargets targets) =>
        CenterSampling.Assign(points, targets, options.CenterRadius, options.RangeBounds);

    /// <inheritdoc/>
    protected override Tensor CountPositives(Tensor isPositive) => isPositive.sum();

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
