using Pss.Engine.Boxes;
using static TorchSharp.torch;

namespace Pss.Engine.Assignment;

/// <summary>
/// The locations around a place: the only ones that can be near an object's center, so that assignments need not compare every location with every object.
/// N images, G objects.
/// </summary>
internal static class LocationWindow
{
    /// <summary>
    /// The indices of the locations of each level in a square of cells around each place, [N, G, K] per level in rising order. A square that reaches over the
    /// border is moved inside, and a level that is smaller is in it as a whole.
    /// </summary>
    /// <param name="points">The locations, a regular grid on each level.</param>
    /// <param name="places">x and y in pixels, [N, G, 2].</param>
    /// <param name="cells">Side of the square in cells of the level; the place is in the middle, or half a cell to its left.</param>
    public static Tensor[] Around(AnchorPoints points, Tensor places, int cells)
    {
        using var scope = NewDisposeScope();
        var windows = new List<Tensor>();
        var first = 0L;
        foreach (var level in points.Levels)
        {
            var cell = (places - points.Points.narrow(0, first, 1)).Over(level.Stride).floor().Plus(1L - cells / 2);
            var columns = Span(cell.select(-1, 0), level.Width);
            var rows = Span(cell.select(-1, 1), level.Height);
            var window = rows.Times((long)level.Width).unsqueeze(-1).Plus(columns.unsqueeze(-2)).flatten(2);
            windows.Add(window.Plus(first).MoveToOuterDisposeScope());
            first += level.Count;
        }
        return [.. windows];

        Tensor Span(Tensor start, int size)
        {
            var count = Math.Min(cells, size);
            return start.Within(0, size - count).to(ScalarType.Int64).unsqueeze(-1).Plus(Tensor.Indices(count, start.device));
        }
    }

    /// <summary>What belongs to the locations of windows, [N, G, K, ...].</summary>
    /// <param name="ofLocations">What belongs to all locations, [L, ...].</param>
    /// <param name="index">Their indices, [N, G, K].</param>
    public static Tensor At(Tensor ofLocations, Tensor index) => ofLocations.index_select(0, index.flatten()).view([.. index.shape, .. ofLocations.shape[1..]]);
}
