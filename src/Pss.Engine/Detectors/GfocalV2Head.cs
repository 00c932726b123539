using Pss.Engine.Boxes;
using Pss.Engine.Layers;
using Pss.Engine.Onnx.Graphs;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Pss.Engine.Detectors;

/// <summary>GFocalV2's head: each distance to a side is a distribution over whole strides, 0 to 16, and its expectation the prediction.</summary>
internal sealed class GfocalV2Head : DetectionHead
{
    // Lower-case: the names of fields are the names in the state dictionary.
    private readonly Sequential class_tower;
    private readonly Sequential box_tower;
    private readonly SquareConvolution class_logits;
    private readonly SquareConvolution distributions;
    private readonly Parameter? scales;
    private readonly QualityBranch quality;
    private readonly int _bins;

    /// <summary>Draws starting weights: N(0, 0.01), biases 0, class bias -ln(99).</summary>
    /// <param name="options">The detector's options.</param>
    /// <param name="generator">Draws the weights.</param>
    public GfocalV2Head(GfocalV2Options options, Generator generator)
        : base(nameof(GfocalV2Head))
    {
        var (channels, shape) = (options.Pyramid.Channels, options.Head);
        _bins = options.LastBin + 1;
        class_tower = Tower(channels, shape.Convolutions, shape.Groups, shape.ConvolutionBias, generator, shape.DeformableLast);
        box_tower = Tower(channels, shape.Convolutions, shape.Groups, shape.ConvolutionBias, generator, shape.DeformableLast);
        class_logits = Predictor(channels, options.Classes, -Math.Log(99), generator);
        distributions = Predictor(channels, 4 * _bins, 0, generator);
        scales = shape.LevelScales ? ModuleParameter.Create(ones(LevelShape.Strides.Count)) : null;
        quality = new QualityBranch(options.QualityChannels, generator);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override (HeadOutputs Outputs, TowerFeatures<Tensor> Towers) forward(Tensor[] levels)
    {
        var towers = Features(class_tower, box_tower, levels);
        var logits = HeadOutputs.Flatten(towers.Regression.Select(Scaled)).unflatten(2, [4, _bins]);
        var probabilities = logits.softmax(-1);
        return (new(HeadOutputs.Flatten(towers.Classification.Select(class_logits.call)), Expectation(probabilities), quality.call(probabilities), null, ShapesOf(levels))
        {
            Distributions = logits,
        }, towers);

        Tensor Scaled(Tensor features, int level)
        {
            var x = distributions.call(features).ToFloat32();
            return scales is null ? x : x * scales[level];
        }
    }

    /// <summary>The expected bin, [...] of probabilities [..., bins]: the distance in units of the stride.</summary>
    public static Tensor Expectation(Tensor probabilities) =>
        probabilities.matmul(Tensor.Indices(probabilities.shape[^1], probabilities.device, probabilities.dtype));

    /// <inheritdoc/>
    public override (HeadValues Outputs, TowerFeatures<OnnxValue> Towers) Export(ModuleGraph graph, OnnxValue[] levels)
    {
        var operators = graph.Operators;
        var towers = Features(graph, class_tower, box_tower, levels);
        var logits = graph.Flatten(towers.Regression.Select(Scaled), distributions.Outputs);
        var probabilities = operators.Node("Softmax", [operators.Reshape(logits, 0, 0, 4, _bins)], ("axis", 3L));
        var bins = operators.Weight("bins", [.. Enumerable.Range(0, _bins).Select(bin => (float)bin)], [_bins, 1]);
        var boxes = operators.Squeeze(operators.Node("MatMul", [probabilities, bins]), 3);
        var classes = graph.Flatten(towers.Classification.Select(features => graph.Convolve(class_logits, features)), class_logits.Outputs);
        return (new(classes, boxes, graph.ToFloat32(quality.Export(graph, graph.FromFloat32(probabilities))), OnnxValue.None), towers);

        OnnxValue Scaled(OnnxValue features, int level)
        {
            var x = distributions.Export(graph, features);
            return scales is null ? x : operators.Mul(x, graph.Number(scales[level]));
        }
    }
}
