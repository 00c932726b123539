using Pss.Engine.Layers;
using Pss.Engine.Onnx.Graphs;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Pss.Engine.Detectors;

/// <summary>
/// DeFCN's 3D max filtering: one logit per location, from the largest features around it on its level and on the levels beside it. It lets the
/// location that stands out among its neighbors be the one that detects the object.
/// </summary>
internal sealed class MaxFilter : Module<Tensor[], Tensor[]>
{
    // Lower-case: the names of fields are the names in the state dictionary.
    private readonly SquareConvolution conv;
    private readonly GroupNorm? norm;
    private readonly SquareConvolution logit;

    /// <summary>Draws starting weights: N(0, 0.01), biases 0.</summary>
    /// <param name="channels">Channels of the pyramid.</param>
    /// <param name="groups">Groups of the normalization; 0 leaves it out.</param>
    /// <param name="generator">Draws the weights.</param>
    public MaxFilter(int channels, int groups, Generator generator)
        : base(nameof(MaxFilter))
    {
        conv = DetectionHead.Predictor(channels, channels, 0, generator);
        norm = groups == 0 ? null : new GroupNorm(groups, channels);
        logit = DetectionHead.Predictor(channels, 1, 0, generator);
        RegisterComponents();
    }

    /// <summary>Features of the levels, [N, channels, H, W] each, finest first, to logits, [N, 1, H, W] each.</summary>
    public override Tensor[] forward(Tensor[] levels) => [.. Filtered(levels).Select(logit.call)];

    /// <summary>The filtered features of the levels, in the shapes of the input: what the logits are predicted from.</summary>
    internal Tensor[] Filtered(Tensor[] levels)
    {
        var maps = Array.ConvertAll(levels, level => conv.call(level));
        return [.. levels.Select((level, i) => Filter(level, Around(i, maps)))];

        Tensor Filter(Tensor level, IEnumerable<Tensor> around)
        {
            using var scope = NewDisposeScope();
            var size = level.shape[2..];
            // The largest over levels, then over the window, is the largest of a 3 x 3 x 3 box.
            var largest = around.Select(map => Resize(map, size)).Aggregate(maximum);
            var sum = functional.max_pool2d(largest, 3, stride: 1, padding: 1).Plus(level);
            return (norm is null ? sum : norm.call(sum)).relu().MoveToOuterDisposeScope();
        }
    }

    /// <summary><see cref="forward"/> as operators.</summary>
    public OnnxValue[] Export(ModuleGraph graph, OnnxValue[] levels)
    {
        var operators = graph.Operators;
        var maps = Array.ConvertAll(levels, level => conv.Export(graph, level));
        return [.. levels.Select((level, i) => logit.Export(graph, Filter(level, maps[i], Around(i, maps))))];

        OnnxValue Filter(OnnxValue level, OnnxValue own, IEnumerable<OnnxValue> around)
        {
            var largest = operators.Node("Max", [.. around.Select(map => map == own ? map : operators.ResizeLinear(map, level))]);
            var sum = operators.Add(operators.MaxPool(largest, 3, 1, 1), level);
            return operators.Relu(norm is null ? sum : norm.Export(graph, sum));
        }
    }

    /// <summary>The maps of a level and of those beside it.</summary>
    private static IEnumerable<T> Around<T>(int level, T[] maps) => maps.Skip(level - 1).Take(level == 0 ? 2 : 3);

    private static Tensor Resize(Tensor map, long[] size) =>
        map.shape[2..].SequenceEqual(size) ? map : functional.interpolate(map, size, mode: InterpolationMode.Bilinear, align_corners: false);
}
