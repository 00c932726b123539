namespace Pss.Engine.Detectors;

/// <summary>The shape of a <see cref="DenseHead"/>; the defaults are FCOS's in the paper's configurations.</summary>
public sealed record DenseHeadOptions
{
    /// <summary>Convolutions of each tower.</summary>
    public int Convolutions { get; init; } = 4;

    /// <summary>Groups of the towers' group normalization.</summary>
    public int Groups { get; init; } = 32;

    /// <summary>
    /// A bias in the towers' convolutions, of no use before a normalization: torchvision's, AdelaiDet's and some of MMDetection's weights have it.
    /// </summary>
    public bool ConvolutionBias { get; init; }

    /// <summary>A trained factor per level on the box prediction, starting at 1. torchvision has none.</summary>
    public bool LevelScales { get; init; } = true;

    /// <summary>
    /// The center-ness branch. Without it (the paper's Table 6) center-ness is no factor of the score and has no loss; the center-ness of the targets still
    /// weighs the box loss.
    /// </summary>
    public bool Centerness { get; init; } = true;

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A property is out of its range; the message names it.</exception>
    public void Validate()
    {
        Check.Within(Convolutions, 1, 16);
        Check.Within(Groups, 1, 1024);
    }
}
