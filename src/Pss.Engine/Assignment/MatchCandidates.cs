
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
}
