using Pss.Engine.Boxes;

namespace Pss.Engine.Detectors;

/// <summary>Options of ATSS; the defaults are those of the paper's base code.</summary>
public record AtssOptions : DetectorOptions
{
    /// <summary>The defaults, without a number of classes.</summary>
    public AtssOptions()
    {
        Pyramid = new() { ReluBeforeP7 = false };
        BoxEncoding = BoxEncoding.Deltas;
        PointOffset = PointOffset.Corner;
        IgnorePadding = true;
    }

    /// <summary>Nearest anchors of each level that are candidates of an object.</summary>
    public int Candidates { get; init; } = 9;

    /// <inheritdoc/>
    internal override string Kind => "ATSS";

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Check.Within(Candidates, 1, 1000);
    }

    /// <inheritdoc/>
    internal override DenseDetector Build(ulong seed = 0) => new Atss(this, seed);
}
