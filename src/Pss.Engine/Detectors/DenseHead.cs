using Pss.Engine.Boxes;
using Pss.Engine.Layers;
using Pss.Engine.Onnx.Graphs;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Pss.Engine.Detectors;

/// <summary>
/// The one-to-many head shared by all levels: a classification tower with the class logits, a regression tower with boxes and
/// center-ness (the paper's configurations have it there, Figure 1 draws it beside the classes).
/// </summary>
internal sealed class DenseHead : DetectionHead
{
    // Lower-case: the names of fields are the names in the state dictionary.
    private readonly Sequential class_tower;
    private readonly Sequential box_tower;
    private readonly SquareConvolution class_logits;
    private readonly SquareConvolution boxes;
    private readonly SquareConvolution? centerness;
    private readonly Parameter? scales;
    private readonly BoxCoder _coder;

    /// <summary>Draws starting weights: N(0, 0.01), biases 0, class bias -ln(99), a prior probability of 0.01 for every class.</summary>
    /// <param name="options">The shape.</param>
    /// <param name="coder">What the box branch predicts.</param>
    /// <param name="channels">Channels of the pyramid.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="generator">Draws the weights.</param>
    public DenseHead(DenseHeadOptions options, BoxCoder coder, int channels, int classes, Generator generator)
        : base(nameof(DenseHead))
    {
        _coder = coder;
        class_tower = Tower(channels, options.Convolutions, options.Groups, options.ConvolutionBias, generator, options.DeformableLast);
        box_tower = Tower(channels, options.Convolutions, options.Groups, options.ConvolutionBias, generator, options.DeformableLast);
        class_logits = Predictor(channels, classes, -Math.Log(99), generator);
        boxes = Predictor(channels, 4, 0, generator);
        centerness = options.Centerness ? Predictor(channels, 1, 0, generator) : null;
        scales = options.LevelScales ? ModuleParameter.Create(ones(LevelShape.Strides.Count)) : null;
        RegisterComponents();
    }

    /// <summary>Pyramid levels to predictions and the towers' features.</summary>
    /// <param name="levels">[N, channels, H, W] each, finest first.</param>
    public override (HeadOutputs Outputs, TowerFeatures<Tensor> Towers) forward(Tensor[] levels)
    {
        var towers = Features(class_tower, box_tower, levels);
        var outputs = new HeadOutputs(
            HeadOutputs.Flatten(towers.Classification.Select(class_logits.call)),
            HeadOutputs.Flatten(towers.Regression.Select(Regression)),
            centerness is null ? null : HeadOutputs.Flatten(towers.Regression.Select(centerness.call)).squeeze(-1),
            null,
            ShapesOf(levels));
        return (outputs, towers);
    }

    /// <inheritdoc/>
    public override (HeadValues Outputs, TowerFeatures<OnnxValue> Towers) Export(ModuleGraph graph, OnnxValue[] levels)
    {
        var towers = Features(graph, class_tower, box_tower, levels);
        var outputs = new HeadValues(
            graph.Flatten(towers.Classification.Select(features => graph.Convolve(class_logits, features)), class_logits.Outputs),
            graph.Flatten(towers.Regression.Select((features, level) => ExportRegression(graph, features, level)), boxes.Outputs),
            centerness is null ? OnnxValue.None
                : graph.Operators.Squeeze(graph.Flatten(towers.Regression.Select(features => centerness.Export(graph, features)), centerness.Outputs), 2),
            OnnxValue.None);
        return (outputs, towers);
    }

    private Tensor Regression(Tensor features, int level)
    {
        var regression = boxes.call(features).ToFloat32();
        return _coder.Activate(scales is null ? regression : regression * scales[level]);
    }

    private OnnxValue ExportRegression(ModuleGraph graph, OnnxValue features, int level)
    {
        var regression = boxes.Export(graph, features);
        if (scales is not null)
            regression = graph.Operators.Mul(regression, graph.Number(scales[level]));
        return _coder.ExportActivation(graph.Operators, regression);
    }
}
