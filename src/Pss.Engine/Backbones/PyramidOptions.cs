
namespace Pss.Engine.Backbones;

/// <summary>The shape of a <see cref="FeaturePyramid"/>; the defaults are FCOS's.</summary>
public sealed record PyramidOptions
{
    /// <summary>Channels of every level.</summary>
    public int Channels { get; init; } = 256;

    /// <summary>Where P6 comes from.</summary>
    public P6Source P6Source { get; init; } = P6Source.P5;

    /// <summary>ReLU between P6 and P7's convolution (P6 itself goes to the head without). FCOS: yes; ATSS: no.</summary>
    public bool ReluBeforeP7 { get; init; } = true;

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A property is out of its range; the message names it.</exception>
    public void Validate() => Check.Within(Channels, 4, 4096);
}
