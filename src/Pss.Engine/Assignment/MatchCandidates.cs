
namespace Pss.Engine.Assignment;

/// <summary>The locations an object may be matched to (Omega).</summary>
public enum MatchCandidates
{
    /// <summary>
    /// The object's positives in the one-to-many branch, after ranges and ambiguities are settled. An object without any stays
    /// unmatched.
    /// </summary>
    Positives,

    /// <summary>Every location near the object's center, on all levels, as DeFCN has it.</summary>
    CenterRegion,

    /// <summary>
    /// The object's positives on the level of its size, where its longer side is 8 to 16 strides (the finest level takes smaller ones too, the coarsest
    /// larger ones); all of its positives where it has none there. Not in the paper: an object between the sizes of two levels has positives on both, and the
    /// selector, which sees one level at a time, learns from few images to leave one on each. Made for FCOS's default ranges.
    /// </summary>
    PositivesOnLevel,
}
