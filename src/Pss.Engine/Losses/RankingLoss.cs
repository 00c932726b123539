using static TorchSharp.torch;

namespace Pss.Engine.Losses;

/// <summary>
/// The ranking loss (the paper's equation 2): every matched location's probability must exceed by a margin those of the
/// highest-scoring negatives of its image.
/// </summary>
internal static class RankingLoss
{
    /// <summary>
    /// The sum over the images of the mean hinge over all pairs of positive and negative; an image that lacks either adds 0. To be divided by
    /// the number of images. The choice of the negatives has no gradient, their values have.
    /// </summary>
    /// <param name="positives">Logits of the positives, [N, G].</param>
    /// <param name="isPositive">False where <paramref name="positives"/> is padding, [N, G].</param>
    /// <param name="negatives">Logits of the negatives, minus infinity where there is none, [N, M].</param>
    /// <param name="margin">Least difference of probabilities.</param>
    /// <param name="count">Highest negatives that take part.</param>
    public static Tensor Sum(Tensor positives, Tensor isPositive, Tensor negatives, double margin = 0.5, int count = 100)
    {
        using var scope = NewDisposeScope();
        var (hardest, _) = negatives.topk((int)Math.Min(count, negatives.shape[1]), dim: 1, sorted: false);
        var isNegative = hardest.detach().IsAbove(double.NegativeInfinity);
        var pairs = isPositive.unsqueeze(2) & isNegative.unsqueeze(1);
        var hinge = (-positives.sigmoid().unsqueeze(2)).Plus(margin).Plus(hardest.sigmoid().unsqueeze(1)).relu() * pairs.to(positives.dtype);
        var perImage = hinge.sum([1, 2]) / pairs.sum([1, 2]).AtLeast(1);
        return perImage.sum().MoveToOuterDisposeScope();
    }

    /// <summary>The logits that count as negatives, [N, M], minus infinity at targets.</summary>
    /// <param name="kind">Which entries they are.</param>
    /// <param name="fused">Logits of the fused score, [N, L, C].</param>
    /// <param name="locations">The location matched to each object, [N, G]; -1 for none.</param>
    /// <param name="entries">Its flat index of location and class, [N, G]; -1 for none.</param>
    public static Tensor Negatives(RankingNegatives kind, Tensor fused, Tensor locations, Tensor entries)
    {
        using var scope = NewDisposeScope();
        var (logits, targets) = kind == RankingNegatives.LocationsAndClasses ? (fused.flatten(1), entries) : (fused.amax([2]), locations);
        return logits.Masked(PssLoss.ScatterTargets(logits, targets).IsAbove(0), double.NegativeInfinity).MoveToOuterDisposeScope();
    }
}
