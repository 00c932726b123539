using Pss.Engine.Boxes;
using Pss.Engine.Data;
using Pss.Engine.Detectors;
using Pss.Engine.Onnx.Graphs;

namespace Pss.Engine.Inference;

/// <summary>The locations of all pyramid levels as values of a graph: constants; where the size is free, those of the largest one, cut to the actual one.</summary>
internal sealed class LocationGraph
{
    private readonly OnnxGraph _graph;
    private readonly PointOffset _pointOffset;
    private readonly LevelShape[] _levels;
    private readonly (OnnxValue Height, OnnxValue Width)[]? _cells;

    /// <summary>Locations of an input.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="pointOffset">Where in its cell a location lies.</param>
    /// <param name="size">The size of the input.</param>
    public LocationGraph(OnnxGraph graph, PointOffset pointOffset, InputSize size)
    {
        (_graph, _pointOffset) = (graph, pointOffset);
        _levels = [.. LevelShape.Of(size.Height, size.Width)];
        Counts = Array.ConvertAll(_levels, level => level.Count);
        if (size.Actual is { } actual)
            _cells = [.. LevelShape.Strides.Select(stride => (ActualCells(actual.Height, stride), ActualCells(actual.Width, stride)))];

        OnnxValue ActualCells(OnnxValue size, int stride) => graph.Div(graph.Add(size, graph.Integer(stride - 1)), graph.Integer(stride));
    }

    /// <summary>Locations of each level, at most.</summary>
    public IReadOnlyList<int> Counts { get; }

    /// <summary>Whether the number of locations depends on the image.</summary>
    public bool IsFree => _cells is not null;

    /// <summary>The index behind the last location of each level, Int64 [1].</summary>
    public OnnxValue[] Ends()
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

    /// <summary>x [N, C, H * W] of a level as maps, [N, C, H, W].</summary>
    public OnnxValue Maps(OnnxValue x, int level) => _cells is null
        ? _graph.Reshape(x, 0, 0, _levels[level].Height, _levels[level].Width)
        : _graph.Reshape(x, _graph.Concat(0, _graph.Integers(0, 0), _cells[level].Height, _cells[level].Width));

    /// <summary>Numbers of the locations of an index [N, K], [N, K, size].</summary>
    /// <param name="location">The index.</param>
    public LocationConstants At(OnnxValue location) => (name, size, numbers) => _graph.Gather(All(name, size, numbers), location, 0);

    /// <summary>Numbers for each location, [L, size], from its x, y and stride.</summary>
    private OnnxValue All(string name, int size, Func<float, float, float, float[]> numbers)
    {
        if (_cells is null)
            return _graph.Weight($"locations.{name}", [.. _levels.SelectMany(level => Values(level, numbers))], [_levels.Sum(level => (long)level.Count), size]);
        return _graph.Concat(0, [.. _levels.Select((level, i) =>
        {
            var largest = _graph.Weight($"locations.{name}.{i}", [.. Values(level, numbers)], [level.Height, level.Width, size]);
            var actual = _graph.Slice(largest, _graph.Integers(0, 0), _graph.Concat(0, _cells[i].Height, _cells[i].Width), 0, 1);
            return _graph.Reshape(actual, -1, size);
        })]);
    }

    private IEnumerable<float> Values(LevelShape level, Func<float, float, float, float[]> numbers)
    {
        var shift = AnchorPoints.Shift(_pointOffset, level.Stride);
        return Enumerable.Range(0, level.Count).SelectMany(i => numbers(i % level.Width * level.Stride + shift, i / level.Width * level.Stride + shift, level.Stride));
    }
}
