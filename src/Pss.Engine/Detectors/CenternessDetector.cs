using Pss.Engine.Losses;
using static TorchSharp.torch;

namespace Pss.Engine.Detectors;

/// <summary>
/// A dense detector with center-ness, as FCOS and ATSS share it: the head, three loss terms, and a score of class probability times
/// center-ness. What is left to them is the assignment. Without the center-ness branch its loss term and its factor of the score are left out.
/// </summary>
/// <param name="options">The detector's options; they are checked.</param>
/// <param name="seed">Seed of the starting weights.</param>
internal abstract class CenternessDetector(DetectorOptions options, ulong seed)
    : DenseDetector(options, seed, (coder, generator) => new DenseHead(options.Head, coder, options.Pyramid.Channels, options.Classes, generator))
{
    /// <inheritdoc/>
    protected override IEnumerable<LossTerm> BaseLosses(AssignedBatch batch, LossNormalizers normalizers)
    {
        var (outputs, assigned, losses) = (batch.Outputs, batch.Assigned, Options.Losses);
        var counted = Options.IgnorePadding ? assigned.InsideImage() : null;
        var classification = FocalLoss.OfClasses(outputs.ClassLogits, assigned.Labels(), counted, losses);
        var box = GeneralizedIouLoss.Sum(batch.Boxes, assigned.TargetBoxes(), BoxWeights(assigned));
        yield return new("classification", classification, losses.ClassificationWeight, normalizers.Locations);
        yield return losses.BoxWeighting == BoxWeighting.Centerness
            ? new("box", box, losses.BoxWeight, normalizers.BoxWeights, LeastNormalizer: 1e-6)
            : new("box", box, losses.BoxWeight, normalizers.Locations);
        if (outputs.QualityLogits is { } logits)
        {
            var centerness = CenternessLoss.Sum(logits, assigned.CenternessTargets(), assigned.PositiveMask());
            yield return new("centerness", centerness, losses.CenternessWeight, normalizers.Locations);
        }
    }

    /// <inheritdoc/>
    protected override Tensor BoxWeights(AssignedTargets assigned) =>
        Options.Losses.BoxWeighting == BoxWeighting.Centerness ? assigned.CenternessTargets() : assigned.PositiveMask();
}
