using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Pss.Engine.Losses;

/// <summary>Focal loss on logits: -alpha t (1 - p)^gamma ln p - (1 - alpha) (1 - t) p^gamma ln(1 - p).</summary>
internal static class FocalLoss
{
    /// <summary>The loss of each entry.</summary>
    /// <param name="logits">Logits of any shape.</param>
    /// <param name="targets">Targets 0..1 of that shape.</param>
    /// <param name="alpha">Weight of targets against non-targets; negative for no weighting.</param>
    /// <param name="gamma">Exponent.</param>
    public static Tensor Elementwise(Tensor logits, Tensor targets, double alpha = 0.25, double gamma = 2)
    {
        using var scope = NewDisposeScope();
        logits = logits.ToFloat32();
        var entropy = functional.binary_cross_entropy_with_logits(logits, targets, reduction: Reduction.None);
        var p = logits.sigmoid();
        // The probability of being wrong: p (1 - t) + (1 - p) t.
        var miss = p.Plus(targets) - p.Times(2) * targets;
        var loss = entropy * miss.Power(gamma);
        if (alpha >= 0)
            loss = loss * targets.Times(2 * alpha - 1).Plus(1 - alpha);
        return loss.MoveToOuterDisposeScope();
    }

    /// <summary>The classification loss: the sum over all locations and classes, where a location's class is the one target.</summary>
    /// <param name="logits">[N, L, C].</param>
    /// <param name="labels">The class of each location, [N, L]; -1 is background.</param>
    /// <param name="counted">1 where a location counts, 0 where it does not, [N, L]; null counts all.</param>
    /// <param name="options">Alpha, gamma and the weights of classes.</param>
    public static Tensor OfClasses(Tensor logits, Tensor labels, Tensor? counted, LossOptions options)
    {
        using var scope = NewDisposeScope();
        var targets = labels.unsqueeze(-1).eq(Tensor.Indices(logits.shape[2], logits.device)).to(logits.dtype);
        var loss = options.Weigh(Elementwise(logits, targets, options.FocalAlpha, options.FocalGamma));
        if (counted is not null)
            loss = loss * counted.unsqueeze(-1).to(loss.dtype);
        return loss.sum().MoveToOuterDisposeScope();
    }
}
