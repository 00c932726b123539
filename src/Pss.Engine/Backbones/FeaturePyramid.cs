using Pss.Engine.Layers;
using Pss.Engine.Onnx.Graphs;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Pss.Engine.Backbones;

/// <summary>Feature pyramid: C3..C5 to P3..P7, strides 8, 16, 32, 64, 128; no normalization and no activation on its outputs.</summary>
internal sealed class FeaturePyramid : Module<BackboneFeatures<Tensor>, Tensor[]>
{
    // Lower-case: the names of fields are the names in the state dictionary.
    private readonly SquareConvolution lateral3;
    private readonly SquareConvolution lateral4;
    private readonly SquareConvolution lateral5;
    private readonly SquareConvolution output3;
    private readonly SquareConvolution output4;
    private readonly SquareConvolution output5;
    private readonly SquareConvolution extra6;
    private readonly SquareConvolution extra7;
    private readonly PyramidOptions _options;

    /// <summary>Draws starting weights: Xavier uniform, biases 0.</summary>
    /// <param name="options">The shape.</param>
    /// <param name="backbone">The backbone's shape: C3..C5 are its stages 2 to 4.</param>
    /// <param name="generator">Draws the weights.</param>
    public FeaturePyramid(PyramidOptions options, ResNetOptions backbone, Generator generator)
        : base(nameof(FeaturePyramid))
    {
        _options = options;
        int channels = options.Channels;
        (int c3, int c4, int c5) = (backbone.ChannelsOf(2), backbone.ChannelsOf(3), backbone.ChannelsOf(4));
        (lateral3, lateral4, lateral5) = (Conv(c3, 1, 1), Conv(c4, 1, 1), Conv(c5, 1, 1));
        (output3, output4, output5) = (Conv(channels, 3, 1), Conv(channels, 3, 1), Conv(channels, 3, 1));
        (extra6, extra7) = (Conv(options.P6Source == P6Source.C5 ? c5 : channels, 3, 2), Conv(channels, 3, 2));
        RegisterComponents();

        SquareConvolution Conv(int input, int kernel, int stride)
        {
            var conv = new SquareConvolution(input, channels, kernel, stride);
            Initializer.Xavier(conv, generator);
            return conv;
        }
    }

    /// <inheritdoc/>
    public override Tensor[] forward(BackboneFeatures<Tensor> input)
    {
        using var scope = NewDisposeScope();
        var merged5 = lateral5.call(input.C5);
        var merged4 = Merge(lateral4.call(input.C4), merged5);
        var merged3 = Merge(lateral3.call(input.C3), merged4);
        var p5 = output5.call(merged5);
        var p6 = extra6.call(_options.P6Source == P6Source.C5 ? input.C5 : p5);
        var p7 = extra7.call(_options.ReluBeforeP7 ? p6.relu() : p6);
        Tensor[] levels = [output3.call(merged3), output4.call(merged4), p5, p6, p7];
        foreach (var level in levels)
            level.MoveToOuterDisposeScope();
        return levels;
    }

    /// <summary><see cref="forward"/> as operators.</summary>
    public OnnxValue[] Export(ModuleGraph graph, BackboneFeatures<OnnxValue> input)
    {
        // A map's own output comes first: it quantizes the map, where the graph is.
        var merged5 = graph.Convolve(lateral5, input.C5);
        var p5 = graph.Convolve(output5, merged5);
        var merged4 = Merge(graph.Convolve(lateral4, input.C4), merged5);
        var p4 = graph.Convolve(output4, merged4);
        var merged3 = Merge(graph.Convolve(lateral3, input.C3), merged4);
        var p3 = graph.Convolve(output3, merged3);
        var p6 = graph.Convolve(extra6, _options.P6Source == P6Source.C5 ? input.C5 : p5);
        var p7 = graph.Convolve(extra7, _options.ReluBeforeP7 ? graph.Operators.Relu(p6) : p6);
        return [p3, p4, p5, p6, p7];

        OnnxValue Merge(OnnxValue lateral, OnnxValue coarser)
        {
            var quantized = graph.Quantized(coarser);
            return graph.Operators.Add(lateral, graph.QuantizedLike(quantized, graph.Operators.ResizeNearest(quantized, lateral)));
        }
    }

    // To the finer map's own size: odd sizes are not twice their half.
    private static Tensor Merge(Tensor lateral, Tensor coarser) =>
        lateral.AddInPlace(functional.interpolate(coarser, size: lateral.shape[2..], mode: InterpolationMode.Nearest));
}
