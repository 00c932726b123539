using static TorchSharp.torch;

namespace Pss.Engine.Losses;

/// <summary>
/// The logit of a product of probabilities: logit(s(a) s(b)) = -ln(e^-a + e^-b + e^-(a+b)). It is associative, so the product of
/// selector, class and center-ness (the paper's equation 4) is two combinations; finite values and gradients for logits of +-100.
/// </summary>
public static class FusedLogit
{
    /// <summary>Combines two logits; shapes broadcast. Half-precision inputs are computed, and come back, in float32.</summary>
    /// <param name="a">One logit.</param>
    /// <param name="b">The other.</param>
    public static Tensor Combine(Tensor a, Tensor b)
    {
        using var scope = NewDisposeScope();
        var (x, y) = (-ToFloat32(a), -ToFloat32(b));
        return (-x.logaddexp(y).logaddexp(x.Plus(y))).MoveToOuterDisposeScope();
    }

    /// <summary>The logits of selector times class times center-ness, [N, L, C].</summary>
    /// <param name="selectorLogits">[N, L].</param>
    /// <param name="classLogits">[N, L, C].</param>
    /// <param name="centernessLogits">[N, L].</param>
    public static Tensor Combine(Tensor selectorLogits, Tensor classLogits, Tensor centernessLogits)
    {
        using var scope = NewDisposeScope();
        return Combine(Combine(selectorLogits, centernessLogits).unsqueeze(-1), classLogits).MoveToOuterDisposeScope();
    }

    /// <summary>Float32 of half-precision tensors, anything else as it is.</summary>
    internal static Tensor ToFloat32(Tensor x) => x.dtype is ScalarType.Float16 or ScalarType.BFloat16 ? x.to(ScalarType.Float32) : x;
}
