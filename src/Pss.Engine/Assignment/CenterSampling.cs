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
        // The locations around each object's center, [N, G, K], and what the rules ask of them.
        var index = cat(LocationWindow.Around(points, targets.Centers(), CellsWithin(radius)), 2);
        var place = Of(points.Points);
        var distances = BoxCoder.SideDistances(targets.Boxes.unsqueeze(2), place);
        var farthest = distances.amax([-1]);
        var inRange = farthest >= Of(points.PerLevel([-1, .. rangeBounds])) & farthest <= Of(points.PerLevel([.. rangeBounds, double.PositiveInfinity]));
        var offset = (place - targets.Centers().unsqueeze(2)).abs().amax([-1]);
        var candidate = distances.amin([-1]).IsAbove(0) & offset < Of(points.Strides).Times(radius) & inRange & targets.Valid.unsqueeze(2);

        var location = index.Masked(candidate.logical_not(), points.Points.shape[0]);
        var area = BoxOps.Area(targets.Boxes).unsqueeze(2).expand_as(index);
        var winner = GroupFirst.Of(location.flatten(1), points.Points.shape[0], area.flatten(1));
        return winner.FloorOver(index.shape[2]).MoveToOuterDisposeScope();

        Tensor Of(Tensor ofLocations) => LocationWindow.At(ofLocations, index);
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

    // As many cells as can lie within the radius, and one more on each side for rounding.
    private static int CellsWithin(double radius) => 2 * (int)Math.Min(Math.Ceiling(radius), 1 << 20) + 2;

    private static Tensor NearCenter(AnchorPoints points, BatchTargets targets, double radius)
    {
        var center = targets.Centers().unsqueeze(1);
        var (x, y) = points.Axes();
        var reach = points.Strides.Times(radius).view(1, -1, 1);
        return (x - center.select(-1, 0)).abs() < reach & (y - center.select(-1, 1)).abs() < reach;
    }
}
