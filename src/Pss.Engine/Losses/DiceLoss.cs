using static TorchSharp.torch;

namespace Pss.Engine.Losses;

/// <summary>The mask loss of CondInst, dice: 1 - 2 sum(p g) / (sum(p^2) + sum(g^2) + 1e-5) over the pixels of a mask.</summary>
internal static class DiceLoss
{
    /// <summary>The loss of each mask, [I]; 1 for an empty target.</summary>
    /// <param name="logits">Predicted masks as logits, [I, H, W].</param>
    /// <param name="targets">Masks, 0 or 1, [I, H, W].</param>
    public static Tensor PerMask(Tensor logits, Tensor targets)
    {
        using var scope = NewDisposeScope();
        var p = logits.ToFloat32().sigmoid().flatten(1);
        var g = targets.to(p.dtype).flatten(1);
        var common = (p * g).sum(1).Times(2);
        var areas = (p * p).sum(1).Plus((g * g).sum(1)).Plus(1e-5);
        return (-(common / areas)).Plus(1).MoveToOuterDisposeScope();
    }
}
