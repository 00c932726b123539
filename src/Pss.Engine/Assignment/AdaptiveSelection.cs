using Pss.Engine.Boxes;
using static TorchSharp.torch;

namespace Pss.Engine.Assignment;

/// <summary>
/// One-to-many assignments by a threshold that adapts to each object: of an object's candidates, the best of each level, those whose quality reaches
/// mean plus standard deviation; the highest quality wins. N images, L locations, G objects; without gradient. An object may end without any positive.
/// </summary>
internal static class AdaptiveSelection
{
    /// <summary>
    /// ATSS (Zhang et al., "Bridging the Gap Between Anchor-based and Anchor-free Detection"): candidates are the nearest anchors, quality is their IoU.
    /// The object each location is a positive of, [N, L], 64-bit integers; -1 is background.
    /// </summary>
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
        var offset = points.Points.view(1, -1, 1, 2) - targets.Centers().unsqueeze(1);
        var candidates = BestOfLevels(points, offset.Power(2).sum(-1), candidatesPerLevel, largest: false);
        return Select(points, targets, iou, candidates, margin: 0.01).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// DeFCN's auxiliary assignment (Wang et al., "End-to-End Object Detection with Fully Convolutional Network"): candidates are the locations of the
    /// highest quality. The object each location is a positive of, [N, L], 64-bit integers; -1 is background.
    /// </summary>
    /// <param name="points">The locations.</param>
    /// <param name="targets">The objects.</param>
    /// <param name="quality">Quality of each location for each object, [N, L, G].</param>
    /// <param name="candidatesPerLevel">Best locations of each level that are candidates of an object.</param>
    public static Tensor AssignByQuality(AnchorPoints points, BatchTargets targets, Tensor quality, int candidatesPerLevel)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var candidates = BestOfLevels(points, quality, candidatesPerLevel, largest: true);
        return Select(points, targets, quality, candidates, margin: 0).MoveToOuterDisposeScope();
    }

    /// <summary>The candidates above their object's threshold and inside its box, by more than a margin in pixels.</summary>
    private static Tensor Select(AnchorPoints points, BatchTargets targets, Tensor quality, Tensor candidates, double margin)
    {
        var ofCandidates = quality.gather(1, candidates);
        var threshold = ofCandidates.mean([1], keepdim: true).Plus(ofCandidates.std(1, unbiased: true, keepdim: true));
        var isCandidate = zeros_like(quality).scatter_(1, candidates, ones_like(ofCandidates));
        var (inside, _) = points.SideDistances(targets.Boxes);
        var positive = isCandidate.IsAbove(0) & quality >= threshold & inside.IsAbove(margin) & targets.Valid.unsqueeze(1);
        return BestObject(quality, positive);
    }

    /// <summary>The allowed object of the highest quality at each location, [N, L]; -1 where none is allowed.</summary>
    /// <param name="quality">At least 0, [N, L, G].</param>
    /// <param name="allowed">[N, L, G].</param>
    internal static Tensor BestObject(Tensor quality, Tensor allowed)
    {
        using var scope = NewDisposeScope();
        var (highest, index) = quality.Masked(allowed.logical_not(), -1).max(-1);
        return index.Masked(highest.IsBelow(0), -1).MoveToOuterDisposeScope();
    }

    /// <summary>The locations of the smallest or largest values of each level, [N, candidates, G].</summary>
    private static Tensor BestOfLevels(AnchorPoints points, Tensor values, int perLevel, bool largest)
    {
        var candidates = new List<Tensor>();
        var start = 0;
        foreach (var level in points.Levels)
        {
            var (_, best) = values.narrow(1, start, level.Count).topk(Math.Min(perLevel, level.Count), dim: 1, largest: largest);
            candidates.Add(best.Plus(start));
            start += level.Count;
        }
        return cat(candidates, 1);
    }
}
