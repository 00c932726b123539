using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Pss.Engine.Losses;

/// <summary>Focal loss on logits: -alpha t (1 - p)^gamma ln p - (1 - alpha) (1 - t) p^gamma ln(1 - p).</summary>
internal static class FocalLoss
{
    /// <summary>
    /// The loss of each entry, with its gradient in closed form: by the chain rule of the steps below, autograd would keep eight tensors of this shape, the
    /// largest there are.
    /// </summary>
    /// <param name="logits">Logits of any shape.</param>
    /// <param name="targets">Targets of that shape, each from 0 to 1.</param>
    /// <param name="alpha">Weight of targets against non-targets; negative for no weighting.</param>
    /// <param name="gamma">Exponent.</param>
    public static Tensor Elementwise(Tensor logits, Tensor targets, double alpha = 0.25, double gamma = 2)
    {
        using var scope = NewDisposeScope();
        logits = logits.ToFloat32();
        var values = logits.detach();
        var (loss, slope) = ValueAndSlope(values, targets.to(logits.dtype), alpha, gamma);
        // The summand is 0, its gradient the slope.
        return loss.AddInPlace((logits - values) * slope).MoveToOuterDisposeScope();
    }

    /// <summary>The loss and its derivative by the logit.</summary>
    private static (Tensor Loss, Tensor Slope) ValueAndSlope(Tensor logits, Tensor targets, double alpha, double gamma)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var p = logits.sigmoid();
        var sign = targets.Times(-2).Plus(1);
        // The probability of being wrong, p (1 - t) + (1 - p) t, and its derivative by the logit.
        var miss = (p * sign).AddInPlace(targets);
        var slopeOfMiss = (p * sign).mul_((-p).Plus(1));
        var entropy = functional.binary_cross_entropy_with_logits(logits, targets, reduction: Reduction.None);
        // weight miss^(gamma - 1); where the miss is 0, both are.
        var factor = miss.AtLeast(1e-37).Power(gamma - 1);
        if (alpha >= 0)
            factor = factor.mul_(targets.Times(2 * alpha - 1).Plus(1 - alpha));
        var slope = slopeOfMiss.mul_(entropy).MultiplyInPlace(gamma).AddInPlace(miss * (p - targets)).mul_(factor);
        var loss = entropy.mul_(miss).mul_(factor);
        return (loss.MoveToOuterDisposeScope(), slope.MoveToOuterDisposeScope());
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
