using Pss.Engine.Boxes;
using static TorchSharp.torch;

namespace Pss.Engine.Losses;

/// <summary>The box loss, 1 - GIoU (Rezatofighi et al., "Generalized Intersection over Union").</summary>
internal static class GeneralizedIouLoss
{
    /// <summary>The weighted sum over all locations.</summary>
    /// <param name="boxes">Predicted boxes in pixels, [N, L, 4].</param>
    /// <param name="targets">Their ground-truth boxes, [N, L, 4].</param>
    /// <param name="weights">[N, L]; 0 at locations that are no positives.</param>
    public static Tensor Sum(Tensor boxes, Tensor targets, Tensor weights)
    {
        using var scope = NewDisposeScope();
        var distance = (-BoxOps.GeneralizedIou(boxes, targets)).Plus(1);
        return (distance * weights).sum().MoveToOuterDisposeScope();
    }
}
