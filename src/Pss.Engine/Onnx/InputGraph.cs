using Pss.Engine.Modeling;

namespace Pss.Engine.Onnx;

/// <summary>From a model's inputs to what the network reads, as <see cref="NetworkInput"/> does it.</summary>
internal sealed class InputGraph
{
    private readonly OnnxGraph _graph;
    private readonly OnnxValue _pixels;
    private readonly OnnxValue _sizes;
    private readonly int _width;
    private readonly int _height;

    private InputGraph(OnnxGraph graph, OnnxValue pixels, OnnxValue sizes, OnnxValue scales, int width, int height)
    {
        (_graph, _pixels, _sizes, Scales, _width, _height) = (graph, pixels, sizes, scales, width, height);
        Limits = sizes == OnnxValue.None
            ? graph.Weight("input.size", [width, height, width, height], [1, 1, 4])
            : graph.Unsqueeze(graph.Concat(1, sizes, sizes), 1);
    }

    /// <summary>What boxes are clipped to, [N or 1, 1, 4].</summary>
    public OnnxValue Limits { get; }

    /// <summary>Input pixels for one original pixel across and down, [1, 2]; only in the Pipeline signature.</summary>
    public OnnxValue Scales { get; }

    /// <summary>Adds the inputs.</summary>
    public static InputGraph Create(OnnxGraph graph, OnnxExportOptions options, int width, int height)
    {
        if (options.Signature == OnnxSignature.Pipeline)
        {
            var flat = graph.Input(options.Prefix + "pixels", OnnxType.UInt8, 1, "n");
            var geometry = graph.Input(options.Prefix + "geometry", OnnxType.Float32, 1, 4);
            return new(graph, graph.Reshape(flat, 1, 3, height, width), graph.Slice(geometry, 2, 4, 1), graph.Slice(geometry, 0, 2, 1), width, height);
        }

        var pixels = graph.Input(options.Prefix + "images", OnnxType.UInt8, options.Batch, 3, height, width);
        var sizes = options.ImageSizes ? graph.Input(options.Prefix + "sizes", OnnxType.Float32, options.Batch, 2) : OnnxValue.None;
        return new(graph, pixels, sizes, OnnxValue.None, width, height);
    }

    /// <summary>The normalised pixels, [N, 3, H, W]; zero in the padding.</summary>
    public OnnxValue Normalize(PixelNormalization normalization, OnnxType type)
    {
        var channels = normalization.Bgr ? _graph.Gather(_pixels, _graph.Integers(2, 1, 0), 1) : _pixels;
        var values = _graph.Sub(_graph.Cast(channels, OnnxType.Float32), PerChannel("input.mean", normalization.Mean));
        values = _graph.Div(values, PerChannel("input.deviation", normalization.Deviation));
        if (_sizes != OnnxValue.None)
        {
            var inside = _graph.Node("And", [Below(0, "input.x", _width, [1, 1, 1, _width]), Below(1, "input.y", _height, [1, 1, _height, 1])]);
            values = _graph.Where(inside, values, _graph.Number(0));
        }
        return type == OnnxType.Float32 ? values : _graph.Cast(values, type);

        OnnxValue PerChannel(string name, IReadOnlyList<double> three) => _graph.Weight(name, [.. three.Select(value => (float)value)], [1, 3, 1, 1]);

        OnnxValue Below(int side, string name, int count, long[] shape)
        {
            var positions = _graph.Weight(name, [.. Enumerable.Range(0, count).Select(i => (float)i)], shape);
            return _graph.Greater(_graph.Unsqueeze(_graph.Slice(_sizes, side, side + 1, 1), 2, 3), positions);
        }
    }
}
