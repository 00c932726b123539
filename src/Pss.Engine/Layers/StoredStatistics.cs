using Pss.Engine.Onnx.Graphs;
using static TorchSharp.torch;

namespace Pss.Engine.Layers;

/// <summary>Batch normalization by stored statistics as one factor and one summand per channel.</summary>
internal static class StoredStatistics
{
    private const double Epsilon = 1e-5;

    /// <summary>Factor and summand of each channel, [channels] each. The tensors belong to the dispose scope in force.</summary>
    public static (Tensor Scale, Tensor Shift) ToAffine(Tensor weight, Tensor bias, Tensor mean, Tensor variance)
    {
        var scale = weight / variance.Plus(Epsilon).sqrt();
        return (scale, bias - mean * scale);
    }

    /// <summary>Makes the normalization add a summand, and multiply by nothing but 1 / sqrt(1 + <see cref="Epsilon"/>).</summary>
    public static void SetShift(Tensor weight, Tensor bias, Tensor mean, Tensor variance, Tensor shift)
    {
        using var scope = NewDisposeScope();
        bias.copy_(shift);
        weight.copy_(ones_like(weight));
        mean.copy_(zeros_like(mean));
        variance.copy_(ones_like(variance));
    }

    /// <summary>The normalization as operators.</summary>
    public static OnnxValue Export(ModuleGraph graph, nn.Module owner, OnnxValue input, Tensor weight, Tensor bias, Tensor mean, Tensor variance)
    {
        using var scope = NewDisposeScope();
        var (factor, summand) = ToAffine(weight, bias, mean, variance);
        long[] shape = [1, weight.shape[0], 1, 1];
        return graph.Operators.Add(graph.Operators.Mul(input, graph.Weight(owner, "scale", factor, shape)), graph.Weight(owner, "shift", summand, shape));
    }
}
