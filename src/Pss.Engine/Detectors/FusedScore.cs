using Pss.Engine.Onnx.Graphs;
using static TorchSharp.torch;

namespace Pss.Engine.Detectors;

/// <summary>
/// The fused score (the paper's equation 4): the product of the probabilities of all factors a detector scores with, the positive sample
/// selector's among them. One formula in three forms: probability, logit (for the losses) and operators. N images, L locations, C classes.
/// </summary>
internal static class FusedScore
{
    /// <summary>The product, [N, L, C]. The tensor belongs to the dispose scope in force.</summary>
    /// <param name="factors">Logits of the factors.</param>
    public static Tensor Probability(ScoreFactors<Tensor> factors)
    {
        using var scope = NewDisposeScope();
        var perClass = factors.PerClass.sigmoid();
        if (factors.PerLocation.Count == 0)
            return perClass.MoveToOuterDisposeScope();
        var perLocation = factors.PerLocation.Select(logits => logits.sigmoid()).Aggregate((product, factor) => product * factor);
        return (perClass * perLocation.unsqueeze(-1)).MoveToOuterDisposeScope();
    }

    /// <summary>The logit of the product, [N, L, C], finite with finite gradients for logits of +-100. The tensor belongs to the dispose scope in force.</summary>
    /// <param name="factors">Logits of the factors.</param>
    public static Tensor Logit(ScoreFactors<Tensor> factors)
    {
        using var scope = NewDisposeScope();
        if (factors.PerLocation.Count == 0)
            return factors.PerClass.ToFloat32().MoveToOuterDisposeScope();
        return ProductLogit(factors.PerLocation.Aggregate(ProductLogit).unsqueeze(-1), factors.PerClass).MoveToOuterDisposeScope();
    }

    /// <summary>The product as operators, [N, L, C].</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="factors">Logits of the factors.</param>
    public static OnnxValue Export(OnnxGraph graph, ScoreFactors<OnnxValue> factors)
    {
        var perClass = graph.Sigmoid(factors.PerClass);
        if (factors.PerLocation.Count == 0)
            return perClass;
        return graph.Mul(perClass, graph.Unsqueeze(factors.PerLocation.Select(graph.Sigmoid).Aggregate(graph.Mul), 2));
    }

    /// <summary>
    /// The logit of a product of two probabilities: logit(s(a) s(b)) = -ln(e^-a + e^-b + e^-(a+b)). It is associative; shapes broadcast.
    /// Half-precision inputs are computed, and come back, in float32.
    /// </summary>
    /// <param name="a">One logit.</param>
    /// <param name="b">The other.</param>
    public static Tensor ProductLogit(Tensor a, Tensor b)
    {
        using var scope = NewDisposeScope();
        var (x, y) = (-a.ToFloat32(), -b.ToFloat32());
        return (-x.logaddexp(y).logaddexp(x.Plus(y))).MoveToOuterDisposeScope();
    }
}
