using System.Text.Json.Serialization;

namespace Pss.Engine.Assignment;

/// <summary>One-to-one matching (the paper's section 3.3); the defaults are the paper's.</summary>
public sealed record MatchingOptions
{
    /// <summary>How score and overlap combine.</summary>
    public MatchQuality Quality { get; init; } = MatchQuality.Multiply;

    /// <summary>Share of the overlap, 0 to 1.</summary>
    public double Alpha { get; init; } = 0.8;

    /// <summary>The matching algorithm: the greatest total quality with each location given once (Hungarian method), or each object's best location. They
    /// differ only where the candidates of two objects overlap.</summary>
    [JsonIgnore]
    public bool Hungarian
    {
        get => Matcher == Matcher.Hungarian;
        init => Matcher = value ? Matcher.Hungarian : Matcher.TopOne;
    }

    /// <summary>The form of <see cref="Hungarian"/> in files.</summary>
    [JsonInclude]
    internal Matcher Matcher { get; init; } = Matcher.TopOne;

    /// <summary>The locations an object may be matched to.</summary>
    public MatchCandidates Candidates { get; init; } = MatchCandidates.Positives;

    /// <summary>Half side, in strides, of the square around an object's center that <see cref="MatchCandidates.CenterRegion"/> takes.</summary>
    public double CenterRadius { get; init; } = 1.5;

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A property is out of its range; the message names it.</exception>
    public void Validate()
    {
        Check.Within(Alpha, 0, 1);
        Check.Within(CenterRadius, 0.1, 100);
    }
}
