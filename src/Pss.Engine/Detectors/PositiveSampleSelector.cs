using Pss.Engine.Assignment;
using Pss.Engine.Layers;
using Pss.Engine.Losses;
using Pss.Engine.Onnx.Graphs;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Pss.Engine.Detectors;

/// <summary>
/// The positive sample selector (the paper's section 3.1.1), which any dense detector can be given: hidden convolutions and one logit per
/// location, the same for all classes and shared by all levels. It reads a tower of the base detector; its probability joins the base
/// score as one more factor, so that one location per object is left and NMS is not needed.
/// </summary>
internal sealed class PositiveSampleSelector : Module<Tensor, Tensor>
{
    // Lower-case: the names of fields are the names in the state dictionary.
    private readonly Sequential tower;
    private readonly SquareConvolution logit;
    private readonly DetectorOptions _options;
    private readonly SelectorOptions _selector;

    /// <summary>Draws starting weights: N(0, 0.01), biases 0, the predictor's as the options say.</summary>
    /// <param name="options">The detector's options.</param>
    /// <param name="selector">The selector's options.</param>
    /// <param name="generator">Draws the weights.</param>
    public PositiveSampleSelector(DetectorOptions options, SelectorOptions selector, Generator generator)
        : base(nameof(PositiveSampleSelector))
    {
        (_options, _selector) = (options, selector);
        var channels = options.Pyramid.Channels;
        tower = DetectionHead.Tower(channels, selector.HiddenConvolutions, selector.Groups, bias: false, generator);
        logit = DetectionHead.Predictor(channels, 1, selector.InitialBias, generator);
        RegisterComponents();
    }

    /// <summary>Features of one level, [N, channels, H, W], to logits, [N, 1, H, W].</summary>
    public override Tensor forward(Tensor input) => logit.call(tower.call(input));

    /// <summary><see cref="forward"/> as operators.</summary>
    public OnnxValue Export(ModuleGraph graph, OnnxValue input) => logit.Export(graph, graph.Export(tower, input));

    /// <summary>The logits of all levels, [N, L]. The stop-gradient (section 3.4) keeps its loss out of the base detector's features.</summary>
    /// <param name="towers">The features of the base detector's towers.</param>
    public Tensor Logits(TowerFeatures<Tensor> towers)
    {
        var stop = _selector.StopGradient != StopGradient.None;
        return HeadOutputs.Flatten(Input(towers).Select(map => call(stop ? map.detach() : map))).squeeze(-1);
    }

    /// <summary><see cref="Logits"/> as operators.</summary>
    public OnnxValue ExportLogits(ModuleGraph graph, TowerFeatures<OnnxValue> towers) =>
        graph.Operators.Squeeze(graph.Flatten(Input(towers).Select(map => Export(graph, map)), logit.Outputs), 2);

    /// <summary>The selector's loss terms: the PSS loss (section 3.1.1) and the ranking loss (equation 2).</summary>
    /// <param name="batch">The batch with its one-to-many assignment.</param>
    /// <param name="baseScore">The base detector's score.</param>
    /// <param name="ofStep">Normalizers of the whole step; null where the batch is the step.</param>
    public IEnumerable<LossTerm> LossTerms(AssignedBatch batch, ScoreFactors<Tensor> baseScore, LossNormalizers? ofStep)
    {
        var (losses, assigned, targets) = (_options.Losses, batch.Assigned, batch.Assigned.Targets);
        if (_selector.StopGradient == StopGradient.Full)
            baseScore = new(baseScore.PerClass.detach(), [.. baseScore.PerLocation.Select(factor => factor.detach())]);
        var fused = FusedScore.Logit(baseScore.With(Required(batch.Outputs.SelectorLogits)));
        var locations = Match(fused.detach(), batch.Boxes.detach(), assigned);
        var matched = locations.IsAtLeast(0);
        var entries = PssLoss.Entries(locations, targets.Labels, fused.shape[2]);

        var normalizer = losses.SelectorNormalizer == SelectorNormalizer.Positives
            ? ofStep?.Positives ?? assigned.IsPositive.sum()
            : ofStep?.MatchedObjects ?? matched.sum();
        yield return new("selector", PssLoss.Sum(fused, entries, losses), losses.SelectorWeight, normalizer);

        if (losses.RankingWeight == 0)
            yield break;
        var positives = fused.flatten(1).gather(1, entries.AtLeast(0));
        var negatives = RankingLoss.Negatives(losses.RankingNegatives, fused, locations, entries);
        var ranking = RankingLoss.Sum(positives, matched, negatives, losses.RankingMargin, losses.RankingCount);
        yield return new("ranking", ranking, losses.RankingWeight, ofStep?.Images ?? LossNormalizers.Count(fused.shape[0], fused.device));
    }

    /// <summary>
    /// Objects that can be matched, whatever the predictions: those with a candidate. With the Hungarian method an object may still go without,
    /// where others take all of its candidates.
    /// </summary>
    public Tensor CountMatchable(AssignedTargets assigned) => _options.Matching.Candidates == MatchCandidates.CenterRegion
        ? (CenterRegion(assigned).any(1) & assigned.Targets.Valid).sum()
        : assigned.ObjectsWithPositives().sum();

    /// <summary>The location of each object, [N, G]; -1 for none.</summary>
    private Tensor Match(Tensor fused, Tensor boxes, AssignedTargets assigned) => _options.Matching.Candidates == MatchCandidates.CenterRegion
        ? OneToOneMatcher.Match(_options.Matching, fused, boxes, assigned.Points, assigned.Targets, CenterRegion(assigned))
        : OneToOneMatcher.MatchPositives(_options.Matching, fused, boxes, assigned.Points, assigned.Targets, assigned.Matched);

    private Tensor CenterRegion(AssignedTargets assigned) => CenterSampling.CenterRegion(assigned.Points, assigned.Targets, _options.Matching.CenterRadius);

    private T[] Input<T>(TowerFeatures<T> towers) => _selector.Input == SelectorInput.Classification ? towers.Classification : towers.Regression;

    private static Tensor Required(Tensor? logits) =>
        logits ?? throw new InvalidOperationException("The options have a selector, the network's outputs have none.");
}
