namespace Pss.Engine.Data;

/// <summary>Fills a polygon as COCO's own tools do: the outline is traced on a grid five times finer, and where it crosses the middle of a pixel
/// column, the column's value flips from the crossing downward.</summary>
internal static class PolygonFill
{
    private const double Scale = 5;
    private const double Farthest = 1e6;

    public static RleSegmentation Fill(double[] polygon, int height, int width)
    {
        if (polygon is null || polygon.Length < 6 || polygon.Length % 2 != 0)
            throw new ArgumentException($"a polygon holds {polygon?.Length ?? 0} numbers; it needs x, y of at least three corners", nameof(polygon));
        var corners = new (int X, int Y)[polygon.Length / 2];
        for (var i = 0; i < corners.Length; i++)
            corners[i] = (OnFineGrid(polygon[2 * i]), OnFineGrid(polygon[2 * i + 1]));
        var flips = new List<int>();
        var last = default((int X, int Y)?);
        for (var i = 0; i < corners.Length; i++)
            Walk(corners[i], corners[(i + 1) % corners.Length], height, width, flips, ref last);
        return ToMask(flips, height, width);
    }

    private static int OnFineGrid(double value) => Math.Abs(value) <= Farthest
        ? (int)(Scale * value + .5)
        : throw new ArgumentException(FormattableString.Invariant($"a polygon has a corner at {value}; coordinates must be within {Farthest:N0} pixels"), nameof(value));

    /// <summary>Traces one edge along its longer axis, always from the lower coordinate, so that a border shared by two polygons is the same
    /// for both.</summary>
    private static void Walk((int X, int Y) from, (int X, int Y) to, int height, int width, List<int> flips, ref (int X, int Y)? last)
    {
        var (dx, dy) = (Math.Abs(to.X - from.X), Math.Abs(to.Y - from.Y));
        var flat = dx >= dy;
        var steps = flat ? dx : dy;
        var backwards = flat ? from.X > to.X : from.Y > to.Y;
        var (start, end) = backwards ? (to, from) : (from, to);
        var slope = steps == 0 ? 0 : (flat ? end.Y - start.Y : end.X - start.X) / (double)steps;
        for (var step = 0; step <= steps; step++)
        {
            var t = backwards ? steps - step : step;
            var point = flat ? (X: start.X + t, Y: (int)(start.Y + slope * t + .5)) : (X: (int)(start.X + slope * t + .5), Y: start.Y + t);
            if (last is { } before && before.X != point.X)
                Cross(before, point, height, width, flips);
            last = point;
        }
    }

    /// <summary>Records a flip if the step crosses the middle of a pixel column.</summary>
    private static void Cross((int X, int Y) before, (int X, int Y) after, int height, int width, List<int> flips)
    {
        var column = ((after.X < before.X ? after.X : after.X - 1) + .5) / Scale - .5;
        if (column < 0 || column > width - 1 || Math.Floor(column) != column)
            return;
        var row = Math.Ceiling(Math.Clamp((Math.Min(before.Y, after.Y) + .5) / Scale - .5, 0, height));
        flips.Add((int)column * height + (int)row);
    }

    private static RleSegmentation ToMask(List<int> flips, int height, int width)
    {
        flips.Sort();
        var counts = new List<int>(flips.Count + 1);
        var start = 0;
        for (var i = 0; i < flips.Count; i++)
        {
            if (flips[i] == height * width)
                break;
            if (i + 1 < flips.Count && flips[i] == flips[i + 1])
            {
                i++;
                continue;
            }
            counts.Add(flips[i] - start);
            start = flips[i];
        }
        counts.Add(height * width - start);
        return new RleSegmentation(height, width, [.. counts]);
    }
}
