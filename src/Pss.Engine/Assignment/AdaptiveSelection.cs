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
        var candidates = cat([.. LocationWindow.Around(points, targets.Centers(), candidatesPerLevel + 3).Select(Nearest)], 2);
        var iou = BoxOps.Iou(LocationWindow.At(anchors, candidates), targets.Boxes.unsqueeze(2));
        return Select(points, targets, candidates, iou, margin: 0.01).MoveToOuterDisposeScope();

        // A few cells on each side hold the nearest of a level on both axes, and so the nearest at all.
        Tensor Nearest(Tensor window)
        {
            var distance = (LocationWindow.At(points.Points, window) - targets.Centers().unsqueeze(2)).Power(2).sum(-1);
            var (_, order) = distance.sort(-1, stable: true);
            return window.gather(2, order.narrow(2, 0, Math.Min(candidatesPerLevel, window.shape[2])));
        }
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
        var candidates = BestOfLevels(points, quality, candidatesPerLevel);
        return Select(points, targets, candidates.transpose(1, 2), quality.gather(1, candidates).transpose(1, 2), margin: 0).MoveToOuterDisposeScope();
    }

    /// <summary>Each candidate to the object of the highest quality that it is above the threshold of, and inside of by more than a margin in pixels.</summary>
    /// <param name="points">The locations.</param>
    /// <param name="targets">The objects.</param>
    /// <param name="candidates">Indices of each object's candidates, [N, G, K].</param>
    /// <param name="quality">Their quality, [N, G, K].</param>
    /// <param name="margin">In pixels.</param>
    private static Tensor Select(AnchorPoints points, BatchTargets targets, Tensor candidates, Tensor quality, double margin)
    {
        var threshold = quality.mean([2], keepdim: true).Plus(quality.std(2, unbiased: true, keepdim: true));
        var inside = BoxCoder.SideDistances(targets.Boxes.unsqueeze(2), LocationWindow.At(points.Points, candidates)).amin([-1]);
        var positive = quality >= threshold & inside.IsAbove(margin) & targets.Valid.unsqueeze(2);
        var location = candidates.Masked(positive.logical_not(), points.Points.shape[0]);
        return GroupFirst.Of(location.flatten(1), points.Points.shape[0], (-quality).flatten(1)).FloorOver(candidates.shape[2]);
    }

    /// <summary>The locations of the largest values of each level, [N, candidates, G].</summary>
    private static Tensor BestOfLevels(AnchorPoints points, Tensor values, int perLevel)
    {
        var candidates = new List<Tensor>();
        var start = 0;
        foreach (var level in points.Levels)
        {
            var (_, best) = values.narrow(1, start, level.Count).topk(Math.Min(perLevel, level.Count), dim: 1);
            candidates.Add(best.Plus(start));
            start += level.Count;
        }
        return cat(candidates, 1);
    }
}
