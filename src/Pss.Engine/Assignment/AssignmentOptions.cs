using Pss.Engine.Backbones;
using Pss.Engine.Boxes;

namespace Pss.Engine.Assignment;

/// <summary>One-to-many assignment; the defaults are FCOS's in the paper's configurations.</summary>
public sealed record AssignmentOptions
{
    /// <summary>The method.</summary>
    public AssignmentMethod Method { get; init; } = AssignmentMethod.Fcos;

    /// <summary>Where in its cell a location lies.</summary>
    public PointOffset PointOffset { get; init; } = PointOffset.HalfStride;

    /// <summary>FCOS: half side, in strides, of the square around an object's center that its positives come from.</summary>
    public double CenterRadius { get; init; } = 1.5;

    /// <summary>FCOS: the largest distance to a side, in pixels, at which each level but the last hands over to the next.</summary>
    public IReadOnlyList<double> RangeBounds { get; init; } = [64, 128, 256, 512];

    /// <summary>ATSS: nearest anchors of each level that are candidates of an object.</summary>
    public int Candidates { get; init; } = 9;

    /// <summary>ATSS: side of the square anchors, in strides.</summary>
    public double AnchorScale { get; init; } = 8;

    /// <summary>
    /// Locations in the padding beyond an image count as background in the class loss (FCOS's base code) or not at all (ATSS's base code).
    /// Only batches that state their images' sizes can tell.
    /// </summary>
    public bool IgnorePadding { get; init; }

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A property is out of its range; the message names it.</exception>
    public void Validate()
    {
        Check.Within(CenterRadius, 0.1, 100);
        Check.That(
            RangeBounds.Count == LevelShape.Strides.Count - 1
                && RangeBounds.Zip(RangeBounds.Skip(1)).All(pair => pair.First < pair.Second),
            nameof(RangeBounds), string.Join(", ", RangeBounds), $"{LevelShape.Strides.Count - 1} rising numbers");
        Check.Within(Candidates, 1, 1000);
        Check.Within(AnchorScale, 0.5, 100);
    }
}
