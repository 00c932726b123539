namespace Pss.Engine.Data.Images;

/// <summary>See <see cref="Resize.ShortestEdge"/>: scale = min(longest / long side, shortest / short side).</summary>
internal sealed record ShortestEdgeResize : Resize
{
    internal ShortestEdgeResize(int shortest, int longest)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(shortest, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(longest, shortest);
        (Shortest, Longest) = (shortest, longest);
    }

    /// <summary>The short side in pixels.</summary>
    public int Shortest { get; }

    /// <summary>The limit of the long side in pixels.</summary>
    public int Longest { get; }

    /// <inheritdoc/>
    public override (int First, int Second) Sides => (Shortest, Longest);

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"short side {Shortest}, long side up to {Longest}");

    /// <inheritdoc/>
    internal override ResizeGeometry For(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        var scale = Math.Min((double)Longest / Math.Max(width, height), (double)Shortest / Math.Min(width, height));
        var (w, h) = Scaled(width, height, scale);
        return new(width, height, w, h, w, h);
    }
}
