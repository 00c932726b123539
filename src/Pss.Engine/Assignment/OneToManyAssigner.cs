using Pss.Engine.Boxes;
using static TorchSharp.torch;

namespace Pss.Engine.Assignment;

/// <summary>
/// The positives of the one-to-many branch: one tensor program over N images, L locations and G objects, without gradient.
/// An object may end without any.
/// </summary>
public static class OneToManyAssigner
{
    /// <summary>The object each location is a positive of, [N, L], 64-bit integers; -1 is background.</summary>
    /// <param name="options">The method and its numbers.</param>
    /// <param name="grid">The locations.</param>
    /// <param name="objects">The objects.</param>
    public static Tensor Assign(AssignmentOptions options, AnchorPoints grid, BatchTargets objects)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var matched = options.Method == AssignmentMethod.Atss ? Atss(options, grid, objects) : Fcos(options, grid, objects);
        return matched.MoveToOuterDisposeScope();
    }

    /// <summary>
    /// True where a location lies strictly inside an object's box and closer to its center than the radius on both axes, [N, L, G].
    /// </summary>
    /// <param name="grid">The locations.</param>
    /// <param name="objects">The objects.</param>
    /// <param name="radius">In strides of the location's level.</param>
    public static Tensor CenterRegion(AnchorPoints grid, BatchTargets objects, double radius)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var (nearest, _) = SideDistances(grid, objects);
        return (nearest.IsAbove(0) & NearCenter(grid, objects, radius)).MoveToOuterDisposeScope();
    }

    private static Tensor Fcos(AssignmentOptions options, AnchorPoints grid, BatchTargets objects)
    {
        var (nearest, farthest) = SideDistances(grid, objects);
        var least = grid.PerLevel([-1, .. options.RangeBounds]).view(1, -1, 1);
        var most = grid.PerLevel([.. options.RangeBounds, double.PositiveInfinity]).view(1, -1, 1);
        var inRange = farthest >= least & farthest <= most;
        var candidate = nearest.IsAbove(0) & NearCenter(grid, objects, options.CenterRadius) & inRange & objects.Valid.unsqueeze(1);
        var area = BoxOps.Area(objects.Boxes).unsqueeze(1).Masked(candidate.logical_not(), double.PositiveInfinity);
        var (smallest, index) = area.min(-1);
        return index.Masked(smallest.IsEqualTo(double.PositiveInfinity), -1);
    }

    private static Tensor Atss(AssignmentOptions options, AnchorPoints grid, BatchTargets objects)
    {
        var anchors = BoxCoder.Anchors(grid.Points, grid.Strides, options.AnchorScale);
        var iou = BoxOps.IouMatrix(anchors.unsqueeze(0), objects.Boxes);
        var offset = grid.Points.view(1, -1, 1, 2) - Centers(objects).unsqueeze(1);
        var distance = offset.Power(2).sum(-1);

        var candidates = new List<Tensor>();
        int start = 0;
        foreach (var level in grid.Levels)
        {
            int count = Math.Min(options.Candidates, level.Count);
            var (_, nearest) = distance.narrow(1, start, level.Count).topk(count, dim: 1, largest: false);
            candidates.Add(nearest.Plus(start));
            start += level.Count;
        }

        var candidate = cat(candidates, 1);
        var candidateIou = iou.gather(1, candidate);
        var threshold = candidateIou.mean([1], keepdim: true).Plus(candidateIou.std(1, unbiased: true, keepdim: true));
        var isCandidate = zeros_like(iou).scatter_(1, candidate, ones_like(candidateIou));
        var (inside, _) = SideDistances(grid, objects);
        var positive = isCandidate.IsAbove(0) & iou >= threshold & inside.IsAbove(0.01) & objects.Valid.unsqueeze(1);
        var (highest, index) = iou.Masked(positive.logical_not(), -1).max(-1);
        return index.Masked(highest.IsBelow(0), -1);
    }

    /// <summary>The least and the greatest of the four distances from each location to an object's sides, [N, L, G] each.</summary>
    private static (Tensor Nearest, Tensor Farthest) SideDistances(AnchorPoints grid, BatchTargets objects)
    {
        var (x1, y1, x2, y2) = BoxOps.Sides(objects.Boxes.unsqueeze(1));
        var (x, y) = Axes(grid);
        var (left, top, right, bottom) = (x - x1, y - y1, x2 - x, y2 - y);
        return (minimum(minimum(left, right), minimum(top, bottom)), maximum(maximum(left, right), maximum(top, bottom)));
    }

    private static Tensor NearCenter(AnchorPoints grid, BatchTargets objects, double radius)
    {
        var center = Centers(objects).unsqueeze(1);
        var (x, y) = Axes(grid);
        var reach = grid.Strides.Times(radius).view(1, -1, 1);
        return (x - center.select(-1, 0)).abs() < reach & (y - center.select(-1, 1)).abs() < reach;
    }

    private static Tensor Centers(BatchTargets objects) => objects.Boxes.narrow(-1, 0, 2).Plus(objects.Boxes.narrow(-1, 2, 2)).Times(0.5);

    private static (Tensor X, Tensor Y) Axes(AnchorPoints grid) =>
        (grid.Points.select(-1, 0).view(1, -1, 1), grid.Points.select(-1, 1).view(1, -1, 1));
}
