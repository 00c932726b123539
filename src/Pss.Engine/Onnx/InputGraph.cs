using Pss.Engine.Backbones;
using Pss.Engine.Data.Images;
using Pss.Engine.Onnx.Graphs;

namespace Pss.Engine.Onnx;

/// <summary>From a model's inputs to what the network reads, as <see cref="NetworkInput"/> does it.</summary>
internal sealed class InputGraph
{
    private readonly OnnxGraph _graph;
    private readonly OnnxValue _pixels;
    private readonly OnnxValue _sizes;

    private InputGraph(OnnxGraph graph, OnnxValue pixels, OnnxValue sizes, InputSize size)
    {
        (_graph, _pixels, _sizes, Size) = (graph, pixels, sizes, size);
        Limits = sizes == OnnxValue.None
            ? graph.Weight("input.size", [size.Width, size.Height, size.Width, size.Height], [1, 1, 4])
            : graph.Unsqueeze(graph.Concat(1, sizes, sizes), 1);
    }

    /// <summary>What boxes are clipped to, [N or 1, 1, 4].</summary>
    public OnnxValue Limits { get; }

    /// <summary>Input pixels for one original pixel across and down, [N, 2]; none with the Plain signature.</summary>
    public OnnxValue Scales { get; private init; } = OnnxValue.None;

    /// <summary>Width and height of the images before scaling, Float32 [N, 2]; none where the caller scales.</summary>
    public OnnxValue Original { get; private init; } = OnnxValue.None;

    /// <summary>The size of the network's input.</summary>
    public InputSize Size { get; }

    /// <summary>Width and height of the scaled images inside their inputs, Float32 [N, 2]; none where each fills its input.</summary>
    public OnnxValue Sizes => _sizes;

    /// <summary>Width and height of a pipeline's image before scaling, Float32 [1, 2]; 1 for a missing one.</summary>
    public OnnxValue PipelineOriginal()
    {
        var one = _graph.Number(1);
        var isPresent = _graph.Greater(Scales, _graph.Number(0));
        return _graph.Where(isPresent, _graph.Node("Round", [_graph.Div(_sizes, _graph.Where(isPresent, Scales, one))]), one);
    }

    /// <summary>Adds the inputs.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="options">How the detector is exported.</param>
    /// <param name="stored">The size rule stored with the detector.</param>
    public static InputGraph Create(OnnxGraph graph, OnnxExportOptions options, Resize stored)
    {
        switch (options.Signature)
        {
            case OnnxSignature.Image:
                var image = graph.Input(options.Prefix + "image", OnnxType.UInt8, "height", "width", 3);
                return Scaled(graph, new(graph, graph.Unsqueeze(image, 0), OnnxValue.None, options.RuleFor(stored)));
            case OnnxSignature.Images:
                var batch = graph.Input(options.Prefix + "images", OnnxType.UInt8, options.Batch, "height", "width", 3);
                return Scaled(graph, new(graph, batch, Sizes(), options.RuleFor(stored)));
        }
        var (width, height) = options.SizeFor(stored);
        if (options.Signature == OnnxSignature.Pipeline)
            return Pipeline(graph, options, width, height);
        var pixels = graph.Input(options.Prefix + "images", OnnxType.UInt8, options.Batch, 3, height, width);
        return new(graph, pixels, options.ImageSizes ? Sizes() : OnnxValue.None, new(width, height));

        OnnxValue Sizes() => graph.Input(options.Prefix + "sizes", OnnxType.Float32, options.Batch, 2);
    }

    /// <summary>The normalized pixels, [N, 3, H, W]; zero in the padding.</summary>
    public OnnxValue Normalize(PixelNormalization normalization, OnnxType type)
    {
        var channels = normalization.Bgr ? _graph.Gather(_pixels, _graph.Integers(2, 1, 0), 1) : _pixels;
        // Scaling gives floating-point numbers already.
        var values = Original == OnnxValue.None ? _graph.Cast(channels, OnnxType.Float32) : channels;
        values = _graph.Sub(values, PerChannel("input.mean", normalization.Mean));
        values = _graph.Div(values, PerChannel("input.std", normalization.Std));
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

    private static InputGraph Scaled(OnnxGraph graph, ScalingGraph scaling) => new(graph, scaling.Scale(), scaling.Sizes, scaling.Input)
    {
        Scales = graph.Div(scaling.Sizes, scaling.Original),
        Original = scaling.Original,
    };

    private static InputGraph Pipeline(OnnxGraph graph, OnnxExportOptions options, int width, int height)
    {
        var flat = graph.Input(options.Prefix + "pixels", OnnxType.UInt8, 1, "n");
        var geometry = graph.Input(options.Prefix + "geometry", OnnxType.Float32, 1, 4);
        var (sizes, scales) = (graph.Slice(geometry, 2, 4, 1), graph.Slice(geometry, 0, 2, 1));
        if (!options.FreeSize)
            return new(graph, graph.Reshape(flat, 1, 3, height, width), sizes, new(width, height)) { Scales = scales };
        var actual = Padded(graph, sizes);
        var shape = graph.Concat(0, graph.Integers(1, 3), actual.Height, actual.Width);
        return new(graph, graph.Reshape(flat, shape), sizes, new(width, height, actual)) { Scales = scales };
    }

    /// <summary>Width and height of a scaled image, [1, 2], rounded up to multiples of 32; at least 32, for missing images.</summary>
    private static (OnnxValue Width, OnnxValue Height) Padded(OnnxGraph graph, OnnxValue sizes)
    {
        var multiple = graph.Number(32);
        var cells = graph.Node("Max", [graph.Node("Ceil", [graph.Div(sizes, multiple)]), graph.Number(1)]);
        var size = graph.Reshape(graph.Cast(graph.Mul(cells, multiple), OnnxType.Int64), 2);
        return (graph.Slice(size, 0, 1, 0), graph.Slice(size, 1, 2, 0));
    }
}
