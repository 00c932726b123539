using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Pss.Engine.Losses;

/// <summary>The center-ness loss of FCOS: binary cross entropy at the positives. Targets come from <see cref="Boxes.BoxOps.Centerness"/>.</summary>
internal static class CenternessLoss
{
    /// <summary>The sum over the positives.</summary>
    /// <param name="logits">[N, L].</param>
    /// <param name="targets">Center-ness of the locations, 0 to 1, [N, L].</param>
    /// <param name="positives">1 at positives, 0 elsewhere, [N, L].</param>
    public static Tensor Sum(Tensor logits, Tensor targets, Tensor positives)
    {
        using var scope = NewDisposeScope();
        var entropy = functional.binary_cross_entropy_with_logits(logits, targets, reduction: Reduction.None);
        return (entropy * positives).sum().MoveToOuterDisposeScope();
    }
}
