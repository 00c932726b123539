using Pss.Engine.Assignment;
using Pss.Engine.Boxes;
using Pss.Engine.Layers;
using Pss.Engine.Losses;
using Pss.Engine.Onnx.Graphs;
using static TorchSharp.torch;

namespace Pss.Engine.Detectors;

/// <summary>
/// DeFCN (Wang et al., "End-to-End Object Detection with Fully Convolutional Network"), the end-to-end detector that the paper compares with: FCOS with one
/// positive per object, chosen by the predictions (POTO), a max filter as a factor of the score, and an auxiliary one-to-many loss. No NMS, no selector.
/// </summary>
internal sealed class Defcn : DenseDetector
{
    private readonly DefcnOptions _options;
    private readonly MaxFilter? _filter;

    /// <summary>Draws starting weights; the same seed gives the same weights.</summary>
    /// <param name="options">The detector's options; they are checked.</param>
    /// <param name="seed">Seed of the starting weights.</param>
    public Defcn(DefcnOptions options, ulong seed = 0)
        : base(options, seed, (coder, generator) => new DenseHead(options.Head, coder, options.Pyramid.Channels, options.Classes, generator))
    {
        _options = options;
        if (!options.MaxFilter)
            return;
        using var generator = new Generator(~seed);
        _filter = new MaxFilter(options.Pyramid.Channels, options.FilterNormalization ? options.Head.Groups : 0, generator);
        register_module("max_filter", _filter);
    }

    /// <summary>An assignment of as many objects: which location an object gets depends on the predictions.</summary>
    protected override Tensor Assign(AnchorPoints points, BatchTargets targets) => PredictionAwareMatching.AssignMost(_options.Matching, points, targets);

    /// <inheritdoc/>
    protected override Tensor Assign(AnchorPoints points, BatchTargets targets, HeadOutputs outputs, Tensor boxes)
    {
        using var _ = no_grad();
        return PredictionAwareMatching.Assign(_options.Matching, ScoreLogits(outputs), boxes, points, targets);
    }

    /// <inheritdoc/>
    protected override Tensor CountPositives(Tensor isPositive) => isPositive.sum();

    /// <inheritdoc/>
    protected override Tensor BoxWeights(AssignedTargets assigned) => assigned.PositiveMask();

    /// <inheritdoc/>
    protected override HeadOutputs Extend(HeadOutputs outputs, TowerFeatures<Tensor> towers, Tensor[] levels) =>
        _filter is null ? outputs : outputs with { QualityLogits = HeadOutputs.Flatten(_filter.call(towers.Regression)).squeeze(-1) };

    /// <inheritdoc/>
    protected override HeadValues Extend(ModuleGraph graph, HeadValues outputs, TowerFeatures<OnnxValue> towers, OnnxValue[] levels) =>
        _filter is null ? outputs : outputs with { QualityLogits = graph.Operators.Squeeze(graph.Flatten(_filter.Export(graph, towers.Regression), 1), 2) };

    /// <inheritdoc/>
    protected override IEnumerable<LossTerm> BaseLosses(AssignedBatch batch, LossNormalizers normalizers)
    {
        var (assigned, losses) = (batch.Assigned, Options.Losses);
        yield return new("classification", ClassLoss(ScoreLogits(batch.Outputs), assigned), losses.ClassificationWeight, normalizers.Locations);
        var box = GeneralizedIouLoss.Sum(batch.Boxes, assigned.TargetBoxes(), BoxWeights(assigned));
        yield return new("box", box, losses.BoxWeight, normalizers.Locations);
        if (_options.AuxiliaryWeight > 0)
            yield return Auxiliary(batch, normalizers);
    }

    /// <summary>The class loss of the class logits alone, for several positives per object.</summary>
    private LossTerm Auxiliary(AssignedBatch batch, LossNormalizers normalizers)
    {
        var (logits, points, targets) = (batch.Outputs.ClassLogits, batch.Assigned.Points, batch.Assigned.Targets);
        var quality = OneToOneMatcher.Quality(_options.Matching, logits.detach(), batch.Boxes.detach(), targets);
        var assigned = new AssignedTargets(targets, points, AdaptiveSelection.AssignByQuality(points, targets, quality, _options.AuxiliaryCandidates));
        // In several passes the positives of the others are not known: passes count by their images.
        var share = LossNormalizers.Count(logits.shape[0], logits.device) / normalizers.Images;
        var mean = ClassLoss(logits, assigned) / assigned.IsPositive.sum().AtLeast(1);
        return new("auxiliary", mean * share, _options.AuxiliaryWeight, ones_like(share));
    }

    private Tensor ClassLoss(Tensor logits, AssignedTargets assigned) => FocalLoss.OfClasses(
        logits, assigned.Labels(), Options.IgnorePadding ? assigned.InsideImage() : null, Options.Losses);

    private Tensor ScoreLogits(HeadOutputs outputs) => FusedScore.Logit(Score(outputs, withSelector: false));
}
