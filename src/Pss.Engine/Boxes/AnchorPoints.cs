using static TorchSharp.torch;

namespace Pss.Engine.Boxes;

/// <summary>The L locations of all levels, finest level first, row by row in each level.</summary>
/// <param name="Points">x and y in pixels of the input, [L, 2].</param>
/// <param name="Strides">Stride of each location's level, [L].</param>
/// <param name="Levels">The levels, in the order of the locations.</param>
internal sealed record AnchorPoints(Tensor Points, Tensor Strides, IReadOnlyList<LevelShape> Levels)
{
    /// <summary>Builds the locations. The tensors belong to the dispose scope in force.</summary>
    /// <param name="levels">The levels.</param>
    /// <param name="offset">Where in its cell a location lies.</param>
    /// <param name="device">The device of the result.</param>
    /// <param name="dtype">Its type.</param>
    public static AnchorPoints Create(
        IReadOnlyList<LevelShape> levels, PointOffset offset, Device device, ScalarType dtype = ScalarType.Float32)
    {
        using var scope = NewDisposeScope();
        var points = cat(levels.Select(LevelPoints).ToArray());
        var strides = PerLevel(levels, [.. levels.Select(level => (double)level.Stride)], device, dtype);
        return new(points.MoveToOuterDisposeScope(), strides.MoveToOuterDisposeScope(), levels);

        Tensor LevelPoints(LevelShape level)
        {
            var shift = Shift(offset, level.Stride);
            var x = Axis(level.Width).view(1, -1).expand(level.Height, level.Width);
            var y = Axis(level.Height).view(-1, 1).expand(level.Height, level.Width);
            return stack([x, y], -1).view(-1, 2);

            Tensor Axis(int count) => Tensor.Indices(count, device, dtype).Times(level.Stride).Plus(shift);
        }
    }

    /// <summary>Pixels from the corner of a cell to its location.</summary>
    public static int Shift(PointOffset offset, int stride) => offset == PointOffset.HalfStride ? stride / 2 : 0;

    /// <summary>x and y of the locations, [1, L, 1] each.</summary>
    public (Tensor X, Tensor Y) Axes() => (Points.select(-1, 0).view(1, -1, 1), Points.select(-1, 1).view(1, -1, 1));

    /// <summary>The least and the greatest of the four distances from each location to the sides of boxes, [N, L, G] each; negative outside.</summary>
    /// <param name="boxes">[N, G, 4].</param>
    public (Tensor Nearest, Tensor Farthest) SideDistances(Tensor boxes)
    {
        var (x1, y1, x2, y2) = BoxOps.Sides(boxes.unsqueeze(1));
        var (x, y) = Axes();
        var (left, top, right, bottom) = (x - x1, y - y1, x2 - x, y2 - y);
        return (minimum(minimum(left, right), minimum(top, bottom)), maximum(maximum(left, right), maximum(top, bottom)));
    }

    /// <summary>One value per level, repeated for each of its locations, [L].</summary>
    /// <param name="values">One value per level.</param>
    public Tensor PerLevel(IReadOnlyList<double> values) => PerLevel(Levels, values, Points.device, Points.dtype);

    private static Tensor PerLevel(IReadOnlyList<LevelShape> levels, IReadOnlyList<double> values, Device device, ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        var parts = levels.Select((level, i) => Tensor.Constant(level.Count, values[i], device, dtype));
        return cat(parts.ToArray()).MoveToOuterDisposeScope();
    }
}
