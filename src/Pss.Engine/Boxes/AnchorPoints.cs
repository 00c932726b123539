using static TorchSharp.torch;

namespace Pss.Engine.Boxes;

/// <summary>The L locations of all levels, finest level first, row by row in each level.</summary>
/// <param name="Points">x and y in pixels of the input, [L, 2].</param>
/// <param name="Strides">Stride of each location's level, [L].</param>
/// <param name="Levels">The levels, in the order of the locations.</param>
public sealed record AnchorPoints(Tensor Points, Tensor Strides, IReadOnlyList<LevelShape> Levels)
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
            int shift = offset == PointOffset.HalfStride ? level.Stride / 2 : 0;
            var x = Axis(level.Width).view(1, -1).expand(level.Height, level.Width);
            var y = Axis(level.Height).view(-1, 1).expand(level.Height, level.Width);
            return stack([x, y], -1).view(-1, 2);

            Tensor Axis(int count) => Tensor.Indices(count, device, dtype).Times(level.Stride).Plus(shift);
        }
    }

    /// <summary>One value a level, repeated for each of its locations, [L].</summary>
    /// <param name="values">One value a level.</param>
    public Tensor PerLevel(IReadOnlyList<double> values) => PerLevel(Levels, values, Points.device, Points.dtype);

    private static Tensor PerLevel(IReadOnlyList<LevelShape> levels, IReadOnlyList<double> values, Device device, ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        var parts = levels.Select((level, i) => Tensor.Constant(level.Count, values[i], device, dtype));
        return cat(parts.ToArray()).MoveToOuterDisposeScope();
    }
}
