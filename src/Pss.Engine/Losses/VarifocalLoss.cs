using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Pss.Engine.Losses;

/// <summary>
/// Varifocal loss on logits (Zhang et al., "VarifocalNet", equation 2): q BCE(p, q) at an object's class, whose target is the quality q;
/// alpha p^gamma BCE(p, 0) elsewhere.
/// </summary>
internal static class VarifocalLoss
{
    /// <summary>The loss of each entry.</summary>
    /// <param name="logits">Logits of any shape.</param>
    /// <param name="targets">The quality at an object's class, 0 elsewhere; of that shape.</param>
    /// <param name="alpha">Weight of the entries without an object.</param>
    /// <param name="gamma">Their exponent.</param>
    public static Tensor Elementwise(Tensor logits, Tensor targets, double alpha = 0.75, double gamma = 2)
    {
        using var scope = NewDisposeScope();
        var entropy = functional.binary_cross_entropy_with_logits(logits, targets, reduction: Reduction.None);
        var weights = where(targets.IsAbove(0), targets, logits.sigmoid().Power(gamma).Times(alpha));
        return (weights * entropy).MoveToOuterDisposeScope();
    }
}
