using static TorchSharp.torch;

namespace Pss.Engine.Losses;

/// <summary>
/// Distribution focal loss (Li et al., "Generalized Focal Loss", equation 6): the bins on both sides of a distance share its cross entropy,
/// -(k + 1 - y) ln S_k - (y - k) ln S_(k+1) with k = floor(y).
/// </summary>
internal static class DistributionFocalLoss
{
    /// <summary>The loss of each distance.</summary>
    /// <param name="logits">Logits of the bins 0, 1, 2, ..., [..., bins].</param>
    /// <param name="targets">Distances from 0 to below the last bin, [...].</param>
    public static Tensor PerDistance(Tensor logits, Tensor targets)
    {
        using var scope = NewDisposeScope();
        var lower = targets.floor();
        var (index, share) = (lower.to(ScalarType.Int64).unsqueeze(-1), targets - lower);
        var logs = logits.log_softmax(-1);
        var (below, above) = (logs.gather(-1, index).squeeze(-1), logs.gather(-1, index.Plus(1)).squeeze(-1));
        return (-((-share).Plus(1) * below).Plus(share * above)).MoveToOuterDisposeScope();
    }
}
