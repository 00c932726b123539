using System.Text.Json.Serialization;

namespace Pss.Engine.Detectors;

/// <summary>Options of CondInst, which adds masks to FCOS; the defaults are those of its paper and of its authors' code.</summary>
public sealed record CondInstOptions : FcosOptions
{
    /// <summary>The defaults, without a number of classes.</summary>
    public CondInstOptions() => Losses = new() { BoxWeight = 1 };

    /// <summary>Channels of the mask branch; null takes half of the pyramid's, 128 in the paper.</summary>
    public int? MaskChannels { get; init; }

    /// <summary>Convolutions of the mask branch behind the sum of the levels.</summary>
    public int MaskConvolutions { get; init; } = 4;

    /// <summary>Factor of the mask loss.</summary>
    public double MaskWeight { get; init; } = 1;

    /// <summary>Most positives of a batch that learn a mask; of more, every n-th does.</summary>
    public int MaxMasks { get; init; } = 500;

    /// <summary>Whether a further branch learns the class of every pixel, in training only ("sem." in the tables of results).</summary>
    public bool SemanticBranch { get; init; }

    /// <summary>Factor of the semantic branch's loss.</summary>
    public double SemanticWeight { get; init; } = 1;

    /// <inheritdoc/>
    internal override string Kind => "CondInst";

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool HasMasks => true;

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Check.Within(MaskChannels ?? 1, 1, 4096, nameof(MaskChannels));
        Check.Within(MaskConvolutions, 0, 16);
        Check.Within(MaskWeight, 0, 1000);
        Check.Within(MaxMasks, 1, 100_000);
        Check.Within(SemanticWeight, 0, 1000);
    }

    /// <inheritdoc/>
    internal override DenseDetector Build(ulong seed = 0) => new CondInst(this, seed);
}
