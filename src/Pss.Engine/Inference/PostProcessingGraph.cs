using Pss.Engine.Boxes;
using Pss.Engine.Detectors;
using Pss.Engine.Layers;
using Pss.Engine.Onnx.Graphs;

namespace Pss.Engine.Inference;

/// <summary><see cref="PostProcessor"/> as operators. Locations are constants; where the size is free, those of the largest one, cut to the actual one.</summary>
internal sealed class PostProcessingGraph
{
    // Marks "no detection" in the dense scores one to many; the smallest score that counts is the smallest normal number.
    private const float SmallestScore = 1.17549435e-38f;
    private readonly OnnxGraph _graph;
    private readonly DenseDetector _detector;
    private readonly bool _endToEnd;
    private readonly PostProcessingOptions _options;
    private readonly LevelShape[] _levels;
    private readonly (OnnxValue Height, OnnxValue Width)[]? _cells;
    private readonly Lazy<OnnxValue[]> _ends;
    private readonly OnnxValue _zero;

    public PostProcessingGraph(OnnxGraph graph, DenseDetector detector, PostProcessingOptions options, DetectionMode mode, InputSize size)
    {
        (_graph, _detector, _options, _endToEnd) = (graph, detector, options, mode == DetectionMode.EndToEnd);
        _levels = [.. LevelShape.Of(size.Height, size.Width)];
        if (size.Actual is { } actual)
            _cells = [.. LevelShape.Strides.Select(stride => (ActualCells(actual.Height, stride), ActualCells(actual.Width, stride)))];
        // One to many alone asks for them: ONNX Runtime warns of constants that nothing uses.
        _ends = new(Ends);
        _zero = graph.Number(0);

        OnnxValue ActualCells(OnnxValue size, int stride) => graph.Div(graph.Add(size, graph.Integer(stride - 1)), graph.Integer(stride));
    }

    /// <summary>Adds the post-processing.</summary>
    /// <param name="outputs">The network outputs.</param>
    /// <param name="limits">What boxes are clipped to, [N or 1, 1, 4].</param>
    public DetectionValues Add(HeadValues outputs, OnnxValue limits)
    {
        var boxes = _graph.Node("Min", [_graph.Node("Max", [_detector.Coder.Export(_graph, outputs.Boxes, PerLocation), _zero]), limits]);
        var count = _endToEnd ? _graph.Integer(_detector.Options.Classes) : _ends.Value[^1];
        var scores = _endToEnd ? FusedScore.Export(_graph, _detector.Score(outputs, withSelector: true)) : Suppressed(boxes, Candidates(outputs));
        var best = (int)Math.Min(_options.MaxDetections, _levels.Sum(level => (long)level.Count) * _detector.Options.Classes);
        var all = _graph.Reshape(scores, 0, -1);
        var (score, index) = _graph.TopK(all, Most(best, all), 1);
        // Locations by classes end to end, classes by locations one to many.
        var (outer, inner) = (_graph.Div(index, count), _graph.Mod(index, count));
        var (location, label) = _endToEnd ? (outer, inner) : (inner, outer);
        var threshold = _endToEnd ? _options.ScoreThreshold : Math.Max(_options.ScoreThreshold, SmallestScore);
        return new(
            _graph.Node("GatherND", [boxes, _graph.Unsqueeze(location, 2)], ("batch_dims", 1L)), score, label,
            _graph.Node("GreaterOrEqual", [score, _graph.Number(threshold)]), _cells is null ? best : "k")
        {
            Masks = outputs.MaskParameters == OnnxValue.None || !_options.Masks ? OnnxValue.None : Masks(outputs, location),
        };
    }

    /// <summary>The masks of the best locations, [N, K], as probabilities at stride 4, [N, K, H / 4, W / 4].</summary>
    private OnnxValue Masks(HeadValues outputs, OnnxValue location)
    {
        var parameters = _graph.Node("GatherND", [outputs.MaskParameters, _graph.Unsqueeze(location, 2)], ("batch_dims", 1L));
        var places = _graph.Gather(_graph.Squeeze(PerLocation("places", 3, (x, y, stride) => [x, y, stride]), 0), location, 0);
        var shape = _graph.Shape(outputs.MaskFeatures);
        var (height, width) = (_graph.Slice(shape, 2, 3, 0), _graph.Slice(shape, 3, 4, 0));
        var logits = DynamicMaskHead.Export(
            _graph, outputs.MaskFeatures, parameters, _graph.Slice(places, 0, 2, 2), _graph.Slice(places, 2, 3, 2), Centers(height), Centers(width));
        var two = _graph.Integer(2);
        return _graph.Sigmoid(LinearResampling.ExportUpsample(_graph, logits, 2, _graph.Mul(height, two), _graph.Mul(width, two)));

        OnnxValue Centers(OnnxValue count) =>
            _graph.Add(_graph.Mul(_graph.Indices(count), _graph.Number(DynamicMaskHead.Stride)), _graph.Number(DynamicMaskHead.Stride / 2));
    }

    /// <summary>Scores of the candidates of all levels, [N, L, C]; zero for everything else.</summary>
    private OnnxValue Candidates(HeadValues outputs)
    {
        var factors = _detector.Score(outputs, withSelector: false);
        var score = FusedScore.Export(_graph, factors);
        var gate = _options.GeometricMean ? score = _graph.Sqrt(score) : _graph.Sigmoid(factors.PerClass);
        var passing = _graph.Where(_graph.Greater(gate, _graph.Number(_options.CandidateThreshold)), score, _zero);

        return _graph.Concat(1, [.. _levels.Select((level, i) => !_options.GeometricMean
            ? BestLocations(() => Part(score, i), Part(passing, i), level.Count)
            : BestEntries(Part(passing, i), level.Count))]);

        OnnxValue Part(OnnxValue all, int level) => _graph.Slice(all, level == 0 ? _graph.Integers(0) : _ends.Value[level - 1], _ends.Value[level], 1);
    }

    /// <summary>Every class of the locations with the largest score in any class; the scores are asked for only if some locations drop out.</summary>
    private OnnxValue BestLocations(Func<OnnxValue> score, OnnxValue passing, int count)
    {
        if (count <= _options.CandidatesPerLevel)
            return passing;
        var best = Best(_graph.Node("ReduceMax", [score()], ("axes", new[] { 2L }), ("keepdims", 0L)));
        return _graph.Where(_graph.Greater(_graph.Unsqueeze(best, 2), _zero), passing, _zero);
    }

    /// <summary>The location and class pairs with the largest score.</summary>
    private OnnxValue BestEntries(OnnxValue passing, int count) => (long)count * _detector.Options.Classes <= _options.CandidatesPerLevel
        ? passing
        : _graph.Reshape(Best(_graph.Reshape(passing, 0, -1)), 0, -1, _detector.Options.Classes);

    /// <summary>The largest of x [N, m] where they are, zero elsewhere.</summary>
    private OnnxValue Best(OnnxValue x)
    {
        var (values, index) = _graph.TopK(x, Most(_options.CandidatesPerLevel, x), 1);
        return _graph.Node("ScatterElements", [_graph.Mul(x, _zero), index, values], ("axis", 1L));
    }

    /// <summary>The scores that NMS leaves, [N, C, L]; zero for everything else.</summary>
    private OnnxValue Suppressed(OnnxValue boxes, OnnxValue scores)
    {
        var byClass = _graph.Transpose(scores, 0, 2, 1);
        var kept = _graph.NonMaxSuppression(boxes, byClass, _options.MaxDetections, _options.NmsThreshold, 0);
        return _graph.Node("ScatterND", [_graph.Mul(byClass, _zero), kept, _graph.Node("GatherND", [byClass, kept])]);
    }

    /// <summary>The index behind the last location of each level, Int64 [1].</summary>
    private OnnxValue[] Ends()
    {
        var ends = new OnnxValue[_levels.Length];
        for (int i = 0, all = 0; i < ends.Length; i++)
        {
            all += _levels[i].Count;
            if (_cells is null)
                ends[i] = _graph.Integers(all);
            else
                ends[i] = i == 0 ? Count(i) : _graph.Add(ends[i - 1], Count(i));
        }
        return ends;

        OnnxValue Count(int level) => _graph.Mul(_cells![level].Height, _cells[level].Width);
    }

    /// <summary>k, or the number of columns of x [N, m] where that is smaller for the actual size.</summary>
    private OnnxValue Most(int k, OnnxValue x) => _cells is null
        ? _graph.Integers(k)
        : _graph.Node("Min", [_graph.Integers(k), _graph.Slice(_graph.Shape(x), 1, 2, 0)]);

    /// <summary>Numbers for each location, [1, L, size], from its x, y and stride.</summary>
    private OnnxValue PerLocation(string name, int size, Func<float, float, float, float[]> numbers)
    {
        if (_cells is null)
            return _graph.Weight($"locations.{name}", [.. _levels.SelectMany(level => Values(level, numbers))], [1, _levels.Sum(level => (long)level.Count), size]);
        return _graph.Concat(1, [.. _levels.Select((level, i) =>
        {
            var largest = _graph.Weight($"locations.{name}.{i}", [.. Values(level, numbers)], [1, level.Height, level.Width, size]);
            var actual = _graph.Slice(largest, _graph.Integers(0, 0), _graph.Concat(0, _cells[i].Height, _cells[i].Width), 1, 2);
            return _graph.Reshape(actual, 1, -1, size);
        })]);
    }

    private IEnumerable<float> Values(LevelShape level, Func<float, float, float, float[]> numbers)
    {
        var shift = AnchorPoints.Shift(_detector.Options.PointOffset, level.Stride);
        return Enumerable.Range(0, level.Count).SelectMany(i => numbers(i % level.Width * level.Stride + shift, i / level.Width * level.Stride + shift, level.Stride));
    }
}
