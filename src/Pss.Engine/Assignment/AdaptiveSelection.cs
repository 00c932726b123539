using Pss.Engine.Boxes;
using static TorchSharp.torch;

namespace Pss.Engine.Assignment;

/// <summary>
/// ATSS's one-to-many assignment (Zhang et al., "Bridging the Gap Between Anchor-based and Anchor-free Detection"): of the anchors nearest
/// to an object on each level those whose IoU reaches mean plus standard deviation; the highest IoU wins. N images, L locations, G objects;
/// without gradient. An object may end without any positive.
/// </summary>
internal static class AdaptiveSelection
{
    /// <summary>The object each location is a positive of, [N, L], 64-bit integers; -1 is background.</summary>
    /// <param name="points">The locations.</param>
    /// <param name="targets">The objects.</param>
    /// <param name="candidatesPerLevel">Nearest anchors of each level that are candidates of an object.</param>
    /// <param name="anchorScale">Side of the square anchors, in strides.</param>
    public static Tensor Assign(AnchorPoints points, BatchTargets targets, int candidatesPerLevel, double anchorScale)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var anchors = DeltaCoder.Anchors(points.Points, points.Strides, anchorScale);
        var iou = BoxOps.IouMatrix(anchors.unsqueeze(0), targets.Boxes);
        var candidate = Candidates(points, targets, candidatesPerLevel);
        var candidateIou = iou.gather(1, candidate);
        var threshold = candidateIou.mean([1], keepdim: true).Plus(candidateIou.std(1, unbiased: true, keepdim: true));
        var isCandidate = zeros_like(iou).scatter_(1, candidate, ones_like(candidateIou));
        var (inside, _) = points.SideDistances(targets.Boxes);
        var positive = isCandidate.IsAbove(0) & iou >= threshold & inside.IsAbove(0.01) & targets.Valid.unsqueeze(1);
        var (highest, index) = iou.Masked(positive.logical_not(), -1).max(-1);
        return index.Masked(highest.IsBelow(0), -1).MoveToOuterDisposeScope();
    }

    /// <summary>The nearest locations of each level, [N, candidates, G].</summary>
    private static Tensor Candidates(AnchorPoints points, BatchTargets targets, int perLevel)
    {
        var offset = points.Points.view(1, -1, 1, 2) - targets.Centers().unsqueeze(1);
        var distance = offset.Power(2).sum(-1);
        var candidates = new List<Tensor>();
        var start = 0;
        foreach (var level in points.Levels)
        {
            var (_, nearest) = distance.narrow(1, start, level.Count).topk(Math.Min(perLevel, level.Count), dim: 1, largest: false);
            candidates.Add(nearest.Plus(start));
            start += level.Count;
        }
        return cat(candidates, 1);
    }
}
