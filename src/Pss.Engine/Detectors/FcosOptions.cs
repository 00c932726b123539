using Pss.Engine.Boxes;

namespace Pss.Engine.Detectors;

/// <summary>Options of FCOS; the defaults are those of the paper's configurations.</summary>
public record FcosOptions : DetectorOptions
{
    /// <summary>Half side, in strides, of the square around an object's center that its positives come from.</summary>
    public double CenterRadius { get; init; } = 1.5;

    /// <summary>The largest distance to a side, in pixels, at which each level but the last hands over to the next.</summary>
    public IReadOnlyList<double> RangeBounds { get; init; } = [64, 128, 256, 512];

    /// <inheritdoc/>
    internal override string Kind => "FCOS";

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Check.Within(CenterRadius, 0.1, 100);
        Check.That(
            RangeBounds.Count == LevelShape.Strides.Count - 1 && RangeBounds.Zip(RangeBounds.Skip(1)).All(pair => pair.First < pair.Second),
            nameof(RangeBounds), string.Join(", ", RangeBounds), $"{LevelShape.Strides.Count - 1} rising numbers");
    }

    /// <inheritdoc/>
    internal override DenseDetector Build(ulong seed = 0) => new Fcos(this, seed);
}
