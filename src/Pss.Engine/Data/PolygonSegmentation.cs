namespace Pss.Engine.Data;

/// <summary>A mask of one or more polygons whose union is the object.</summary>
/// <param name="Polygons">Each polygon as x, y, x, y, ... in pixels of the original image: at least three corners.</param>
internal sealed record PolygonSegmentation(IReadOnlyList<double[]> Polygons) : Segmentation
{
    /// <summary>Equal when every polygon has the same corners in the same order.</summary>
    public bool Equals(PolygonSegmentation? other) => other is not null && Polygons.Count == other.Polygons.Count
        && Polygons.Zip(other.Polygons).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Polygons.Count, Polygons.Sum(p => p.Length));
}
