using Pss.Engine.Boxes;
using static TorchSharp.torch;

namespace Pss.Engine.Assignment;

/// <summary>
/// FCOS's one-to-many assignment: locations near an object's center, each size of object on its level, the smallest box wins. N images,
/// L locations, G objects; without gradient. An object may end without any positive.
/// </summary>
internal static class CenterSampling
{
    /// <summary>The object each location is a positive of, [N, L], 64-bit integers; -1 is background.</summary>
    /// <param name="points">The locations.</param>
    /// <param name="targets">The objects.</param>
    /// <param name="radius">Half side of the square around an object's center, in strides.</param>
    /// <param name="rangeBounds">The largest distance to a side, in pixels, at which each level but the last hands over to the next.</param>
    public static Tensor Assign(AnchorPoints points, BatchTargets targets, double radius, IReadOnlyList<double> rangeBounds)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var (nearest, farthest) = points.SideDistances(targets.Boxes);
        var least = points.PerLevel([-1, .. rangeBounds]).view(1, -1, 1);
        var most = points.PerLevel([.. rangeBounds, double.PositiveInfinity]).view(1, -1, 1);
        var inRange = farthest >= least & farthest <= most;
        var candidate = nearest.IsAbove(0) & NearCenter(points, targets, radius) & inRange & targets.Valid.unsqueeze(1);
        var area = BoxOps.Area(targets.Boxes).unsqueeze(1).Masked(candidate.logical_not(), double.PositiveInfinity);
        var (smallest, index) = area.min(-1);
        return index.Masked(smallest.IsEqualTo(double.PositiveInfinity), -1).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// True where a location lies strictly inside an object's box and closer to its center than the radius on both axes, [N, L, G].
    /// </summary>
    /// <param name="points">The locations.</param>
    /// <param name="targets">The objects.</param>
    /// <param name="radius">In strides of the location's level.</param>
    public static Tensor CenterRegion(AnchorPoints points, BatchTargets targets, double radius)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var (nearest, _) = points.SideDistances(targets.Boxes);
        return (nearest.IsAbove(0) & NearCenter(points, targets, radius)).MoveToOuterDisposeScope();
    }

    private static Tensor NearCenter(AnchorPoints points, BatchTargets targets, double radius)
    {
        var center = targets.Centers().unsqueeze(1);
        var (x, y) = points.Axes();
        var reach = points.Strides.Times(radius).view(1, -1, 1);
        return (x - center.select(-1, 0)).abs() < reach & (y - center.select(-1, 1)).abs() < reach;
    }
}
