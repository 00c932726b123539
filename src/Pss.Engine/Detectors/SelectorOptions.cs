
namespace Pss.Engine.Detectors;

/// <summary>Options of the positive sample selector; the defaults are the paper's.</summary>
public sealed record SelectorOptions
{
    /// <summary>
    /// Hidden convolutions before the predictor; 0 leaves the predictor alone. The paper counts two layers; 1 is the reading that counts the predictor
    /// among them.
    /// </summary>
    public int HiddenConvolutions { get; init; } = 2;

    /// <summary>
    /// Groups of the group normalization behind each hidden convolution; 0 leaves it out. The paper does not say; the towers' 32.
    /// </summary>
    public int Groups { get; init; } = 32;

    /// <summary>The tower whose output the selector reads.</summary>
    public SelectorInput Input { get; init; } = SelectorInput.Regression;

    /// <summary>Starting bias of the predictor: 0 is a prior probability of 0.5, -4.595 one of 0.01.</summary>
    public double InitialBias { get; init; }

    /// <summary>
    /// What is detached. The paper leaves it open between <see cref="StopGradient.Features"/> and <see cref="StopGradient.Full"/>.
    /// </summary>
    public StopGradient StopGradient { get; init; } = StopGradient.Features;

    /// <summary>
    /// Whether detection keeps, of each class, only locations whose score none of the eight around them on their level exceeds, as CenterNet does. Not in the
    /// paper: a selector that has seen few images finds an object at two neighboring locations now and then. The losses do not go by it, evaluations do. Objects
    /// of one class on neighboring locations, less than two strides of their level apart (16 pixels on the finest), count as one.
    /// </summary>
    public bool LocalMaxima { get; init; }

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A property is out of its range; the message names it.</exception>
    public void Validate()
    {
        Check.Within(HiddenConvolutions, 0, 8);
        Check.Within(Groups, 0, 1024);
        Check.Within(InitialBias, -20, 20);
    }
}
