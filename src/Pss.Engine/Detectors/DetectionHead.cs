using Pss.Engine.Boxes;
using Pss.Engine.Layers;
using Pss.Engine.Onnx.Graphs;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Pss.Engine.Detectors;

/// <summary>The head of a detector, shared by all levels: pyramid levels, [N, channels, H, W] each, finest first, to predictions and the towers' features.</summary>
/// <param name="name">Its name.</param>
internal abstract class DetectionHead(string name) : Module<Tensor[], (HeadOutputs Outputs, TowerFeatures<Tensor> Towers)>(name)
{
    /// <summary><see cref="Module{T, TResult}.forward"/> as operators.</summary>
    public abstract (HeadValues Outputs, TowerFeatures<OnnxValue> Towers) Export(ModuleGraph graph, OnnxValue[] levels);

    /// <summary>Sizes and strides of the levels.</summary>
    protected static IReadOnlyList<LevelShape> ShapesOf(Tensor[] levels) =>
        [.. levels.Zip(LevelShape.Strides, (level, stride) => new LevelShape((int)level.shape[2], (int)level.shape[3], stride))];

    /// <summary>The towers' features of all levels.</summary>
    protected static TowerFeatures<Tensor> Features(Sequential classification, Sequential regression, Tensor[] levels) =>
        new([.. levels.Select(classification.call)], [.. levels.Select(regression.call)]);

    /// <summary>The same as values of a graph.</summary>
    protected static TowerFeatures<OnnxValue> Features(ModuleGraph graph, Sequential classification, Sequential regression, OnnxValue[] levels) =>
        new([.. levels.Select(level => graph.Export(classification, level))], [.. levels.Select(level => graph.Export(regression, level))]);

    /// <summary>Convolutions with group normalization and ReLU; the last may be deformable.</summary>
    internal static Sequential Tower(int channels, int convolutions, int groups, bool bias, Generator generator, bool deformableLast = false) =>
        Sequential(Enumerable.Range(0, convolutions).Select(Module<Tensor, Tensor> (i) =>
            new ConvNorm(channels, channels, groups, bias, generator, deformableLast && i == convolutions - 1)));

    /// <summary>The last convolution of a branch.</summary>
    internal static SquareConvolution Predictor(int channels, int outputs, double bias, Generator generator)
    {
        var conv = new SquareConvolution(channels, outputs, 3);
        Initializer.Head(conv, generator, bias);
        return conv;
    }
}
