using Pss.Engine.Backbones;
using Pss.Engine.Onnx.Graphs;

namespace Pss.Engine.Onnx;

/// <summary>From a model's inputs to what the network reads, as <see cref="NetworkInput"/> does it.</summary>
internal sealed class InputGraph
{
    private readonly OnnxGraph _graph;
    private readonly OnnxValue _pixels;
    private readonly OnnxValue _sizes;

    private InputGraph(OnnxGraph graph, OnnxValue pixels, OnnxValue sizes, OnnxValue scales, InputSize size)
    {
        (_graph, _pixels, _sizes, Scales, Size) = (graph, pixels, sizes, scales, size);
        Limits = sizes == OnnxValue.None
            ? graph.Weight("input.size", [size.Width, size.Height, size.Width, size.Height], [1, 1, 4])
            : graph.Unsqueeze(graph.Concat(1, sizes, sizes), 1);
    }

    /// <summary>What boxes are clipped to, [N or 1, 1, 4].</summary>
    public OnnxValue Limits { get; }

    /// <summary>Input pixels for one original pixel across and down, [1, 2]; only in the Pipeline signature.</summary>
    public OnnxValue Scales { get; }

    /// <summary>The size of the input.</summary>
    public InputSize Size { get; }

    /// <summary>Adds the inputs.</summary>
    public static InputGraph Create(OnnxGraph graph, OnnxExportOptions options, int width, int height)
    {
        if (options.Signature == OnnxSignature.Pipeline)
        {
            var flat = graph.Input(options.Prefix + "pixels", OnnxType.UInt8, 1, "n");
            var geometry = graph.Input(options.Prefix + "geometry", OnnxType.Float32, 1, 4);
            var (lies, scales) = (graph.Slice(geometry, 2, 4, 1), graph.Slice(geometry, 0, 2, 1));
            if (!options.FreeSize)
                return new(graph, graph.Reshape(flat, 1, 3, height, width), lies, scales, new(width, height));
            var actual = Padded(graph, lies);
            var shape = graph.Concat(0, graph.Integers(1, 3), actual.Height, actual.Width);
            return new(graph, graph.Reshape(flat, shape), lies, scales, new(width, height, actual));
        }

        var pixels = graph.Input(options.Prefix + "images", OnnxType.UInt8, options.Batch, 3, height, width);
        var sizes = options.ImageSizes ? graph.Input(options.Prefix + "sizes", OnnxType.Float32, options.Batch, 2) : OnnxValue.None;
        return new(graph, pixels, sizes, OnnxValue.None, new(width, height));
    }

    /// <summary>The normalized pixels, [N, 3, H, W]; zero in the padding.</summary>
    public OnnxValue Normalize(PixelNormalization normalization, OnnxType type)
    {
        var channels = normalization.Bgr ? _graph.Gather(_pixels, _graph.Integers(2, 1, 0), 1) : _pixels;
        var values = _graph.Sub(_graph.Cast(channels, OnnxType.Float32), PerChannel("input.mean", normalization.Mean));
        values = _graph.Div(values, PerChannel("input.deviation", normalization.Std));
        if (_sizes != OnnxValue.None)
        {
            var inside = _graph.Node("And", [Below(0, "input.x", Size.Width, 3, Size.Actual?.Width), Below(1, "input.y", Size.Height, 2, Size.Actual?.Height)]);
            values = _graph.Where(inside, values, _graph.Number(0));
        }
        return type == OnnxType.Float32 ? values : _graph.Cast(values, type);

        OnnxValue PerChannel(string name, IReadOnlyList<double> three) => _graph.Weight(name, [.. three.Select(value => (float)value)], [1, 3, 1, 1]);

        OnnxValue Below(int side, string name, int count, int axis, OnnxValue? actual)
        {
            long[] shape = [1, 1, 1, 1];
            shape[axis] = count;
            var positions = _graph.Weight(name, [.. Enumerable.Range(0, count).Select(i => (float)i)], shape);
            if (actual is { } end)
                positions = _graph.Slice(positions, _graph.Integers(0), end, axis);
            return _graph.Greater(_graph.Unsqueeze(_graph.Slice(_sizes, side, side + 1, 1), 2, 3), positions);
        }
    }

    /// <summary>Width and height of a scaled image, [1, 2], rounded up to multiples of 32; at least 32, for missing images.</summary>
    private static (OnnxValue Width, OnnxValue Height) Padded(OnnxGraph graph, OnnxValue lies)
    {
        var multiple = graph.Number(32);
        var cells = graph.Node("Max", [graph.Node("Ceil", [graph.Div(lies, multiple)]), graph.Number(1)]);
        var size = graph.Reshape(graph.Cast(graph.Mul(cells, multiple), OnnxType.Int64), 2);
        return (graph.Slice(size, 0, 1, 0), graph.Slice(size, 1, 2, 0));
    }
}
