using static TorchSharp.torch;

namespace Pss.Engine.Losses;

/// <summary>
/// The PSS loss (the paper's section 3.1.1): the focal loss on the fused score, where each matched object has exactly one positive, its
/// location at its class, and everything else is a negative. N images, L locations, C classes, G objects.
/// </summary>
internal static class PssLoss
{
    /// <summary>The sum over all locations and classes.</summary>
    /// <param name="fused">Logits of the fused score, [N, L, C].</param>
    /// <param name="entries">The flat index, location times C plus class, of each object's positive, [N, G]; -1 for objects without one.</param>
    /// <param name="options">Alpha, gamma and the weights of classes.</param>
    public static Tensor Sum(Tensor fused, Tensor entries, LossOptions options)
    {
        using var scope = NewDisposeScope();
        var flat = fused.flatten(1);
        var loss = FocalLoss.Elementwise(flat, ScatterTargets(flat, entries), options.FocalAlpha, options.FocalGamma);
        return options.Weigh(loss.view_as(fused)).sum().MoveToOuterDisposeScope();
    }

    /// <summary>The flat index of a location and class, location times C plus class, [N, G]; -1 where there is no location.</summary>
    /// <param name="locations">[N, G]; -1 for none.</param>
    /// <param name="labels">[N, G].</param>
    /// <param name="classes">C.</param>
    public static Tensor Entries(Tensor locations, Tensor labels, long classes)
    {
        using var scope = NewDisposeScope();
        return locations.Times(classes).Plus(labels).Masked(locations.IsBelow(0), -1).MoveToOuterDisposeScope();
    }

    /// <summary>Ones of the shape [N, M] at the indices [N, G], zeros elsewhere; -1 marks nothing.</summary>
    /// <param name="like">Gives shape, type and device.</param>
    /// <param name="index">The indices.</param>
    public static Tensor ScatterTargets(Tensor like, Tensor index)
    {
        using var scope = NewDisposeScope();
        // -1 goes to a column of its own, cut off again.
        var targets = zeros(like.shape[0], like.shape[1] + 1, dtype: like.dtype, device: like.device);
        var column = index.Masked(index.IsBelow(0), like.shape[1]);
        return targets.scatter_(1, column, ones_like(column).to(like.dtype)).narrow(1, 0, like.shape[1]).MoveToOuterDisposeScope();
    }
}
