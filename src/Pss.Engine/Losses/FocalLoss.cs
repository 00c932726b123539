using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Pss.Engine.Losses;

/// <summary>Focal loss on logits: -alpha t (1 - p)^gamma ln p - (1 - alpha) (1 - t) p^gamma ln(1 - p).</summary>
public static class FocalLoss
{
    /// <summary>The loss of each entry.</summary>
    /// <param name="logits">Logits of any shape.</param>
    /// <param name="targets">Targets 0..1 of that shape.</param>
    /// <param name="alpha">Weight of targets against non-targets; negative for no weighting.</param>
    /// <param name="gamma">Exponent.</param>
    public static Tensor Elementwise(Tensor logits, Tensor targets, double alpha = 0.25, double gamma = 2)
    {
        using var scope = NewDisposeScope();
        logits = FusedLogit.ToFloat32(logits);
        var entropy = functional.binary_cross_entropy_with_logits(logits, targets, reduction: Reduction.None);
        var p = logits.sigmoid();
        // The probability of being wrong: p (1 - t) + (1 - p) t.
        var miss = p.Plus(targets) - p.Times(2) * targets;
        var loss = entropy * miss.Power(gamma);
        if (alpha >= 0)
            loss = loss * targets.Times(2 * alpha - 1).Plus(1 - alpha);
        return loss.MoveToOuterDisposeScope();
    }
}
