using Pss.Engine.Modeling;

namespace Pss.Engine.Assignment;

/// <summary>How score and overlap make the quality of a location for an object (the paper's Table 8).</summary>
public enum MatchQuality
{
    /// <summary>P^(1 - alpha) IoU^alpha.</summary>
    Multiply,

    /// <summary>(1 - alpha) P + alpha IoU.</summary>
    Add,
}

/// <summary>How the locations are given out.</summary>
public enum Matcher
{
    /// <summary>Each object takes its best location. Two objects can meet only where their candidates overlap.</summary>
    TopOne,

    /// <summary>
    /// The greatest total quality with each location given once (Hungarian method). With disjoint candidates it is <see cref="TopOne"/>.
    /// </summary>
    Hungarian,
}

/// <summary>The locations an object may be matched to (Omega).</summary>
public enum MatchCandidates
{
    /// <summary>
    /// The object's positives in the one-to-many branch, after ranges and ambiguities are settled. An object without any stays
    /// unmatched.
    /// </summary>
    Positives,

    /// <summary>Every location near the object's centre, on all levels, as DeFCN has it.</summary>
    CenterRegion,
}

/// <summary>One-to-one matching (the paper's section 3.3); the defaults are the paper's.</summary>
public sealed record MatchingOptions
{
    /// <summary>How score and overlap combine.</summary>
    public MatchQuality Quality { get; init; } = MatchQuality.Multiply;

    /// <summary>Share of the overlap, 0 to 1.</summary>
    public double Alpha { get; init; } = 0.8;

    /// <summary>How the locations are given out.</summary>
    public Matcher Matcher { get; init; } = Matcher.TopOne;

    /// <summary>The locations an object may be matched to.</summary>
    public MatchCandidates Candidates { get; init; } = MatchCandidates.Positives;

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A property is out of its range; the message names it.</exception>
    public void Validate() => Check.Within(Alpha, 0, 1);
}
