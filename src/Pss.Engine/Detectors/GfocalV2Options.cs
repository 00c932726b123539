namespace Pss.Engine.Detectors;

/// <summary>Options of GFocalV2; the defaults are its authors'.</summary>
public sealed record GfocalV2Options : AtssOptions
{
    /// <summary>The defaults, without a number of classes.</summary>
    public GfocalV2Options() => BoxEncoding = Boxes.BoxEncoding.Distances;

    /// <summary>The last bin of a distance's distribution, in units of the stride: no side can be farther away.</summary>
    public int LastBin { get; init; } = 16;

    /// <summary>Hidden channels of the quality branch.</summary>
    public int QualityChannels { get; init; } = 64;

    /// <summary>Factor of the distribution focal loss.</summary>
    public double DistributionWeight { get; init; } = 0.25;

    /// <inheritdoc/>
    internal override string Kind => "GFocalV2";

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Check.Within(LastBin, 4, 1000);
        Check.Within(QualityChannels, 1, 4096);
        Check.Within(DistributionWeight, 0, 1000);
        Check.That(BoxEncoding == Boxes.BoxEncoding.Distances, nameof(BoxEncoding), BoxEncoding, "distances");
    }

    /// <inheritdoc/>
    internal override DenseDetector Build(ulong seed = 0) => new GfocalV2(this, seed);
}
