namespace Pss.Engine.Reports;

/// <summary>The highest score over classes at each location of one pyramid level.</summary>
internal sealed record HeatMapLevel
{
    /// <summary>The level's name, such as "P3".</summary>
    public required string Name { get; init; }

    /// <summary>Rows of locations.</summary>
    public required int Rows { get; init; }

    /// <summary>Columns of locations.</summary>
    public required int Columns { get; init; }

    /// <summary>Width of a location's cell in picture pixels: the stride divided by the resize factor.</summary>
    public required double CellWidth { get; init; }

    /// <summary>Height of a location's cell in picture pixels.</summary>
    public required double CellHeight { get; init; }

    /// <summary>[Rows * Columns] scores of the plain detector from 0 to 1, row by row.</summary>
    public required IReadOnlyList<float> Plain { get; init; }

    /// <summary>[Rows * Columns] scores with the positive sample selector from 0 to 1, row by row.</summary>
    public required IReadOnlyList<float> WithPss { get; init; }
}
