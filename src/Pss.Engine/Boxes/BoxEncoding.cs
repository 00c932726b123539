
namespace Pss.Engine.Boxes;

/// <summary>The four numbers that a location predicts for its box.</summary>
public enum BoxEncoding
{
    /// <summary>Distances to the left, top, right and bottom side, in units of the level's stride, never negative: FCOS.</summary>
    Distances,

    /// <summary>
    /// Shift of the center over the anchor's size, divided by 0.1, and logarithm of the size ratio, divided by 0.2: ATSS.
    /// </summary>
    Deltas,
}
