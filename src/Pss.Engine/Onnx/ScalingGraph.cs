using Pss.Engine.Data.Images;
using Pss.Engine.Onnx.Graphs;

namespace Pss.Engine.Onnx;

/// <summary>Scales a batch of N images inside a graph, pixel by pixel as <see cref="BilinearScaler"/> does.</summary>
internal sealed class ScalingGraph
{
    private readonly OnnxGraph _graph;
    private readonly OnnxValue _pixels;
    private readonly OnnxValue _stride;
    private readonly OnnxValue _size;
    private readonly OnnxValue _scaled;

    /// <summary>Adds the sizes.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="pixels">Interleaved bytes, [N, height, width, 3].</param>
    /// <param name="sizes">Width and height of each image, Float32 [N, 2]; <see cref="OnnxValue.None"/> if each fills its input.</param>
    /// <param name="rule">How images are scaled.</param>
    public ScalingGraph(OnnxGraph graph, OnnxValue pixels, OnnxValue sizes, Resize rule)
    {
        _graph = graph;
        var shape = graph.Shape(pixels);
        var whole = graph.Gather(shape, graph.Integers(2, 1), 0);
        _stride = graph.Slice(whole, 0, 1, 0);
        _pixels = graph.Reshape(pixels, 0, -1, 3);
        _size = sizes == OnnxValue.None
            ? graph.Unsqueeze(whole, 0)
            : graph.Node("Min", [graph.Node("Max", [graph.Cast(sizes, OnnxType.Int64), graph.Integer(1)]), whole]);
        _scaled = Scaled(rule);
        Original = graph.Cast(_size, OnnxType.Float32);
        Sizes = graph.Cast(_scaled, OnnxType.Float32);
        Input = InputSizeOf(rule);
    }

    /// <summary>Width and height of each image, Float32 [N, 2].</summary>
    public OnnxValue Original { get; }

    /// <summary>Width and height of each scaled image, Float32 [N, 2].</summary>
    public OnnxValue Sizes { get; }

    /// <summary>The size of the network's input, a multiple of 32.</summary>
    public InputSize Input { get; }

    /// <summary>Adds the scaling: values 0 to 255, [N, 3, H, W]. Those outside the scaled images are meaningless.</summary>
    public OnnxValue Scale()
    {
        var (left, right, across) = Taps(0, "scaling.x", Input.Width, Input.Actual?.Width);
        var (top, bottom, down) = Taps(1, "scaling.y", Input.Height, Input.Actual?.Height);
        across = _graph.Unsqueeze(across, 1, 3);
        var upper = Blend(Pixels(top, left), Pixels(top, right), across);
        var lower = Blend(Pixels(bottom, left), Pixels(bottom, right), across);
        var values = Blend(upper, lower, _graph.Unsqueeze(down, 2, 3));
        return _graph.Transpose(_graph.Floor(_graph.Add(values, _graph.Number(0.5f))), 0, 3, 1, 2);

        OnnxValue Blend(OnnxValue a, OnnxValue b, OnnxValue weight) => _graph.Add(a, _graph.Mul(_graph.Sub(b, a), weight));
    }

    /// <summary>Width and height of the scaled images, Int64 [N, 2].</summary>
    /// <remarks>In integers, which every processor rounds alike. <see cref="Resize"/> computes in floating point: one size in 100,000 is a half there
    /// that falls short of it, and one pixel smaller.</remarks>
    private OnnxValue Scaled(Resize rule)
    {
        var (width, height) = (_graph.Slice(_size, 0, 1, 1), _graph.Slice(_size, 1, 2, 1));
        // The scale is the smaller of a / x and b / y.
        var (a, b, x, y) = rule.IsLetterbox
            ? (rule.Sides.First, rule.Sides.Second, width, height)
            : (rule.Sides.Second, rule.Sides.First, _graph.Node("Max", [width, height]), _graph.Node("Min", [width, height]));
        var second = _graph.Greater(_graph.Mul(y, _graph.Integer(a)), _graph.Mul(x, _graph.Integer(b)));
        var numerator = _graph.Where(second, _graph.Integer(b), _graph.Integer(a));
        var denominator = _graph.Where(second, y, x);
        var two = _graph.Integer(2);
        var rounded = _graph.Div(
            _graph.Add(_graph.Mul(_graph.Mul(_size, two), numerator), denominator), _graph.Mul(denominator, two));
        return _graph.Node("Max", [rounded, _graph.Integer(1)]);
    }

    private InputSize InputSizeOf(Resize rule)
    {
        if (rule.IsLetterbox)
            return new(Resize.RoundUp(rule.Sides.First), Resize.RoundUp(rule.Sides.Second));
        var largest = _graph.Node("ReduceMax", [_scaled], ("axes", new[] { 0L }), ("keepdims", 0L));
        var multiple = _graph.Integer(Resize.SizeMultiple);
        var padded = _graph.Mul(_graph.Div(_graph.Add(largest, _graph.Integer(Resize.SizeMultiple - 1)), multiple), multiple);
        var side = Resize.RoundUp(rule.Sides.Second);
        return new(side, side, (_graph.Slice(padded, 0, 1, 0), _graph.Slice(padded, 1, 2, 0)));
    }

    /// <summary>For each position along an axis of the input, the two positions in the image and the weight of the second, [N, positions].</summary>
    private (OnnxValue First, OnnxValue Second, OnnxValue Weight) Taps(int side, string name, int count, OnnxValue? actual)
    {
        var centers = _graph.Weight(name, [.. Enumerable.Range(0, count).Select(i => i + 0.5f)], [1, count]);
        if (actual is { } end)
            centers = _graph.Slice(centers, _graph.Integers(0), end, 1);
        var size = _graph.Slice(Original, side, side + 1, 1);
        var ratio = _graph.Div(size, _graph.Slice(Sizes, side, side + 1, 1));
        var at = _graph.Node("Max", [_graph.Sub(_graph.Mul(ratio, centers), _graph.Number(0.5f)), _graph.Number(0)]);
        var (one, last) = (_graph.Number(1), _graph.Sub(size, _graph.Number(1)));
        var first = _graph.Node("Min", [_graph.Floor(at), last]);
        var second = _graph.Node("Min", [_graph.Add(first, one), last]);
        return (_graph.Cast(first, OnnxType.Int64), _graph.Cast(second, OnnxType.Int64), _graph.Sub(at, first));
    }

    /// <summary>The pixels at rows y [N, H] and columns x [N, W] as Float32, [N, H, W, 3].</summary>
    private OnnxValue Pixels(OnnxValue y, OnnxValue x)
    {
        var index = _graph.Add(_graph.Unsqueeze(_graph.Mul(y, _stride), 2), _graph.Unsqueeze(x, 1));
        return _graph.Cast(_graph.Node("GatherND", [_pixels, _graph.Unsqueeze(index, 3)], ("batch_dims", 1L)), OnnxType.Float32);
    }
}
