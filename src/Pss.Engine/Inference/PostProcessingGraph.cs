using Pss.Engine.Detectors;
using Pss.Engine.Layers;
using Pss.Engine.Onnx.Graphs;

namespace Pss.Engine.Inference;

/// <summary>
/// <see cref="PostProcessor"/> as operators. The k best pairs of location and class lie at the k locations whose best class scores highest: all others are
/// dropped first, and only what is left is scored in all classes (unless local maxima are asked for, which compare the scores of all) and decoded. Of equal scores the earlier location, then the earlier class, comes first.
/// </summary>
internal sealed class PostProcessingGraph
{
    // Marks "no detection" in the dense scores one to many; the smallest score that counts is the smallest normal number.
    private const float SmallestScore = 1.17549435e-38f;
    private readonly OnnxGraph _graph;
    private readonly DenseDetector _detector;
    private readonly bool _endToEnd;
    private readonly PostProcessingOptions _options;
    private readonly LocationGraph _locations;
    private readonly OnnxValue _zero;

    public PostProcessingGraph(OnnxGraph graph, DenseDetector detector, PostProcessingOptions options, DetectionMode mode, InputSize size)
    {
        (_graph, _detector, _options, _endToEnd) = (graph, detector, options, mode == DetectionMode.EndToEnd);
        _locations = new LocationGraph(graph, detector.Options.PointOffset, size);
        _zero = graph.Number(0);
    }

    /// <summary>Adds the post-processing.</summary>
    /// <param name="outputs">The network outputs.</param>
    /// <param name="limits">What boxes are clipped to, [N or 1, 1, 4].</param>
    public DetectionValues Add(HeadValues outputs, OnnxValue limits) => _endToEnd ? EndToEnd(outputs, limits) : OneToMany(outputs, limits);

    private DetectionValues EndToEnd(HeadValues outputs, OnnxValue limits)
    {
        var factors = _detector.Score(outputs, withSelector: true);
        var all = _locations.Counts.Sum();
        var maxima = _detector.Options.Selector is { LocalMaxima: true } ? Maxima(FusedScore.Export(_graph, factors)) : OnnxValue.None;
        var best = maxima == OnnxValue.None ? BestClass(factors) : Largest(maxima, keep: false);
        var candidates = BestLocations(best, _options.MaxDetections, all);
        var scores = maxima == OnnxValue.None ? FusedScore.Export(_graph, At(factors, candidates)) : Rows(maxima, candidates);
        var (score, index, count) = BestPairs(scores, Math.Min(_options.MaxDetections, all));
        var classes = _graph.Integer(_detector.Options.Classes);
        var location = At(candidates, _graph.Div(index, classes));
        return new(Boxes(outputs, location, limits), score, _graph.Mod(index, classes), Reaches(score, _options.ScoreThreshold), count)
        {
            Masks = HasMasks(outputs) ? Masks(outputs, location) : OnnxValue.None,
        };
    }

    private DetectionValues OneToMany(HeadValues outputs, OnnxValue limits)
    {
        var (candidates, scores) = Candidates(_detector.Score(outputs, withSelector: false));
        var boxes = Boxes(outputs, candidates, limits);
        var (score, index, count) = BestPairs(Suppressed(boxes, scores), _locations.Counts.Sum(level => Math.Min(level, _options.CandidatesPerLevel)));
        var perClass = _graph.Slice(_graph.Shape(candidates), 1, 2, 0);
        var candidate = _graph.Mod(index, perClass);
        var threshold = Math.Max(_options.ScoreThreshold, SmallestScore);
        return new(Rows(boxes, candidate), score, _graph.Div(index, perClass), Reaches(score, threshold), count)
        {
            Masks = HasMasks(outputs) ? Masks(outputs, At(candidates, candidate)) : OnnxValue.None,
        };
    }

    /// <summary>The best score of any class, [N, L].</summary>
    private OnnxValue BestClass(ScoreFactors<OnnxValue> factors)
    {
        var best = factors.Map(logits => logits, logits => Largest(logits, keep: true));
        return _graph.Squeeze(FusedScore.Export(_graph, best), 2);
    }

    /// <summary>The largest of any class of x [N, L, C], [N, L, 1] or [N, L].</summary>
    private OnnxValue Largest(OnnxValue x, bool keep) => _graph.Node("ReduceMax", [x], ("axes", new[] { 2L }), ("keepdims", keep ? 1L : 0L));

    /// <summary>The local maxima of scores [N, L, C].</summary>
    private OnnxValue Maxima(OnnxValue scores)
    {
        var ends = _locations.Ends();
        var byClass = _graph.Transpose(scores, 0, 2, 1);
        var levels = ends.Select((end, i) => _graph.Slice(byClass, i == 0 ? _graph.Integers(0) : ends[i - 1], end, 2));
        var kept = levels.Select((level, i) => LocalMaxima.Export(_graph, level, x => _locations.Maps(x, i)));
        return _graph.Transpose(_graph.Concat(2, [.. kept]), 0, 2, 1);
    }

    /// <summary>The indices of the k largest of x [N, m], in ascending order.</summary>
    /// <param name="x">Scores.</param>
    /// <param name="k">How many; all, where there are fewer.</param>
    /// <param name="most">The largest m.</param>
    private OnnxValue BestLocations(OnnxValue x, int k, long most)
    {
        var count = Count(k, x, most);
        var best = _graph.Nodes("TopK", 2, [x, count], ("axis", 1L), ("largest", 1L), ("sorted", 0L))[1];
        return _graph.Nodes("TopK", 2, [best, count], ("axis", 1L), ("largest", 0L), ("sorted", 1L))[0];
    }

    /// <summary>The best of scores [N, ., .] of at most so many locations, their flat indices, and how many there are.</summary>
    private (OnnxValue Score, OnnxValue Index, OnnxDimension Count) BestPairs(OnnxValue scores, long locations)
    {
        var all = _graph.Reshape(scores, 0, -1);
        var most = locations * _detector.Options.Classes;
        var (score, index) = _graph.TopK(all, Count(_options.MaxDetections, all, most), 1);
        return (score, index, _locations.IsFree ? "k" : Math.Min(_options.MaxDetections, most));
    }

    /// <summary>k, or the number of columns of x [N, m] where that is smaller.</summary>
    private OnnxValue Count(int k, OnnxValue x, long most)
    {
        var count = _graph.Integers(Math.Min(k, most));
        return _locations.IsFree ? _graph.Node("Min", [count, _graph.Slice(_graph.Shape(x), 1, 2, 0)]) : count;
    }

    /// <summary>The factors at locations [N, K].</summary>
    private ScoreFactors<OnnxValue> At(ScoreFactors<OnnxValue> factors, OnnxValue location) =>
        factors.Map(logits => At(logits, location), logits => Rows(logits, location));

    /// <summary>Elements of x [N, m] at an index [N, K].</summary>
    private OnnxValue At(OnnxValue x, OnnxValue index) => _graph.Node("GatherElements", [x, index], ("axis", 1L));

    /// <summary>Rows of x [N, m, size] at an index [N, K].</summary>
    private OnnxValue Rows(OnnxValue x, OnnxValue index) => _graph.Node("GatherND", [x, _graph.Unsqueeze(index, 2)], ("batch_dims", 1L));

    /// <summary>The boxes at locations [N, K], clipped.</summary>
    private OnnxValue Boxes(HeadValues outputs, OnnxValue location, OnnxValue limits)
    {
        var boxes = _detector.Coder.Export(_graph, Rows(outputs.Boxes, location), _locations.At(location));
        return _graph.Node("Min", [_graph.Node("Max", [boxes, _zero]), limits]);
    }

    private bool HasMasks(HeadValues outputs) => _options.Masks && outputs.MaskParameters != OnnxValue.None;

    private OnnxValue Reaches(OnnxValue score, float threshold) => _graph.Node("GreaterOrEqual", [score, _graph.Number(threshold)]);

    /// <summary>The masks of locations [N, K], as probabilities at stride 4, [N, K, H / 4, W / 4].</summary>
    private OnnxValue Masks(HeadValues outputs, OnnxValue location)
    {
        var parameters = Rows(outputs.MaskParameters, location);
        var places = _locations.At(location)("places", 3, (x, y, stride) => [x, y, stride]);
        var shape = _graph.Shape(outputs.MaskFeatures);
        var (height, width) = (_graph.Slice(shape, 2, 3, 0), _graph.Slice(shape, 3, 4, 0));
        var logits = DynamicMaskHead.Export(
            _graph, outputs.MaskFeatures, parameters, _graph.Slice(places, 0, 2, 2), _graph.Slice(places, 2, 3, 2), Centers(height), Centers(width));
        var two = _graph.Integer(2);
        return _graph.Sigmoid(LinearResampling.ExportUpsample(_graph, logits, 2, _graph.Mul(height, two), _graph.Mul(width, two)));

        OnnxValue Centers(OnnxValue count) =>
            _graph.Add(_graph.Mul(_graph.Indices(count), _graph.Number(DynamicMaskHead.Stride)), _graph.Number(DynamicMaskHead.Stride / 2));
    }

    /// <summary>The locations of the candidates of all levels, [N, K], and their scores, [N, K, C]; zero where the threshold drops them.</summary>
    private (OnnxValue Location, OnnxValue Score) Candidates(ScoreFactors<OnnxValue> factors)
    {
        var best = BestClass(factors);
        var ends = _locations.Ends();
        var (locations, scores) = (new OnnxValue[ends.Length], new OnnxValue[ends.Length]);
        for (var i = 0; i < ends.Length; i++)
        {
            var start = i == 0 ? _graph.Integers(0) : ends[i - 1];
            locations[i] = BestLocations(_graph.Slice(best, start, ends[i], 1), _options.CandidatesPerLevel, _locations.Counts[i]);
            if (i > 0)
                locations[i] = _graph.Add(locations[i], start);
            scores[i] = Passing(At(factors, locations[i]), _locations.Counts[i]);
        }
        return (_graph.Concat(1, locations), _graph.Concat(1, scores));
    }

    /// <summary>The scores of one level's best locations, [N, K, C]; zero for what the threshold, or the limit of pairs, drops.</summary>
    private OnnxValue Passing(ScoreFactors<OnnxValue> factors, int locations)
    {
        var score = FusedScore.Export(_graph, factors);
        var gate = _options.GeometricMean ? score = _graph.Sqrt(score) : _graph.Sigmoid(factors.PerClass);
        var passing = _graph.Where(_graph.Greater(gate, _graph.Number(_options.CandidateThreshold)), score, _zero);
        var most = Math.Min(locations, _options.CandidatesPerLevel) * (long)_detector.Options.Classes;
        if (!_options.GeometricMean || most <= _options.CandidatesPerLevel)
            return passing;
        var pairs = _graph.Reshape(passing, 0, -1);
        var (values, index) = _graph.TopK(pairs, Count(_options.CandidatesPerLevel, pairs, most), 1);
        return _graph.Reshape(_graph.Node("ScatterElements", [_graph.Mul(pairs, _zero), index, values], ("axis", 1L)), 0, -1, _detector.Options.Classes);
    }

    /// <summary>The scores that NMS leaves, [N, C, K]; zero for everything else.</summary>
    private OnnxValue Suppressed(OnnxValue boxes, OnnxValue scores)
    {
        var byClass = _graph.Transpose(scores, 0, 2, 1);
        var kept = _graph.NonMaxSuppression(boxes, byClass, _options.MaxDetections, _options.NmsThreshold, 0);
        return _graph.Node("ScatterND", [_graph.Mul(byClass, _zero), kept, _graph.Node("GatherND", [byClass, kept])]);
    }
}
