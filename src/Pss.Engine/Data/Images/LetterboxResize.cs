namespace Pss.Engine.Data.Images;

/// <summary>See <see cref="Resize.Letterbox"/>: scale = min(Width / width, Height / height).</summary>
internal sealed record LetterboxResize : Resize
{
    internal LetterboxResize(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        (Width, Height) = (width, height);
    }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <inheritdoc/>
    public override (int First, int Second) Sides => (Width, Height);

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"letterbox {Width} x {Height}");

    /// <inheritdoc/>
    internal override ResizeGeometry For(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        var (w, h) = Scaled(width, height, Math.Min((double)Width / width, (double)Height / height));
        return new(width, height, Math.Min(w, Width), Math.Min(h, Height), Width, Height);
    }
}
