using Pss.Engine.Assignment;
using Pss.Engine.Losses;

namespace Pss.Engine.Detectors;

/// <summary>
/// Options of DeFCN; the defaults are its authors'. Its score is trained to leave one location per object: it needs no positive sample selector, and has none.
/// </summary>
public sealed record DefcnOptions : DetectorOptions
{
    /// <summary>The defaults, without a number of classes.</summary>
    public DefcnOptions()
    {
        Head = new() { ConvolutionBias = true, Centerness = false };
        Matching = new() { Hungarian = true, Candidates = MatchCandidates.CenterRegion };
        Losses = new() { BoxWeighting = BoxWeighting.Uniform };
    }

    /// <summary>3D max filtering: one more factor of the score, which sees the features around a location on three levels.</summary>
    public bool MaxFilter { get; init; } = true;

    /// <summary>Whether the max filter normalizes its features, by the groups of the head.</summary>
    public bool FilterNormalization { get; init; } = true;

    /// <summary>Factor of the auxiliary loss, which gives the class probability alone several positives per object; 0 leaves it out.</summary>
    public double AuxiliaryWeight { get; init; } = 1;

    /// <summary>Best locations of each level that are candidates of an object in the auxiliary loss.</summary>
    public int AuxiliaryCandidates { get; init; } = 9;

    /// <inheritdoc/>
    internal override string Kind => "DeFCN";

    /// <inheritdoc/>
    internal override bool IsEndToEnd => true;

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Check.Within(AuxiliaryWeight, 0, 1000);
        Check.Within(AuxiliaryCandidates, 1, 1000);
        Check.That(Selector is null, nameof(Selector), "set", "null: DeFCN has no positive sample selector");
        Check.That(!Head.Centerness, "Head.Centerness", Head.Centerness, "false: DeFCN has no center-ness");
        Check.That(Matching.Candidates == MatchCandidates.CenterRegion, "Matching.Candidates", Matching.Candidates, $"{MatchCandidates.CenterRegion}");
    }

    /// <inheritdoc/>
    internal override DenseDetector Build(ulong seed = 0) => new Defcn(this, seed);
}
