using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Pss.Engine.Losses;

/// <summary>Quality focal loss on probabilities (Li et al., "Generalized Focal Loss", equation 2): |q - p|^beta BCE(p, q), logarithms floored at -100.</summary>
internal static class QualityFocalLoss
{
    /// <summary>The loss of each entry.</summary>
    /// <param name="probabilities">Probabilities of any shape.</param>
    /// <param name="targets">The quality at an object's class, 0 elsewhere; of that shape.</param>
    /// <param name="beta">Exponent.</param>
    public static Tensor Elementwise(Tensor probabilities, Tensor targets, double beta = 2)
    {
        using var scope = NewDisposeScope();
        var entropy = functional.binary_cross_entropy(probabilities, targets, reduction: Reduction.None);
        return ((targets - probabilities).abs().Power(beta) * entropy).MoveToOuterDisposeScope();
    }
}
