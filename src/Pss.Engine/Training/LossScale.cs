using System.Text.Json.Serialization;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Pss.Engine.Training;

/// <summary>
/// Dynamic loss scaling for Float16, whose smallest positive number is 6e-8: the loss is multiplied by a power of two before the backward pass, and the
/// gradient divided by it after. A step whose gradient overflows is left out and halves the factor; many good steps in a row double it.
/// </summary>
/// <param name="Factor">What the loss is multiplied by.</param>
/// <param name="GoodSteps">Steps without overflow since the factor last changed.</param>
internal sealed record LossScale(double Factor, int GoodSteps = 0)
{
    private const double Least = 1;
    private const double Most = 1L << 24;

    /// <summary>Good steps in a row after which the factor doubles.</summary>
    public const int GrowthInterval = 2000;

    /// <summary>The scale that a training starts with.</summary>
    public static LossScale Start { get; } = new(1 << 16);

    /// <summary>Whether a smaller factor is left to try after an overflow.</summary>
    [JsonIgnore]
    public bool CanShrink => Factor > Least;

    /// <summary>The scale of the next step.</summary>
    /// <param name="overflow">Whether the gradient of this step is not finite.</param>
    public LossScale Next(bool overflow) => overflow ? new(Math.Max(Least, Factor / 2))
        : GoodSteps + 1 < GrowthInterval ? this with { GoodSteps = GoodSteps + 1 }
        : new(Math.Min(Most, 2 * Factor));

    /// <summary>Divides the gradients by the factor.</summary>
    /// <param name="parameters">Those that are trained.</param>
    public void Unscale(IEnumerable<Parameter> parameters)
    {
        foreach (var parameter in parameters)
        {
            using var scope = NewDisposeScope();
            parameter.grad?.MultiplyInPlace(1 / Factor);
        }
    }
}
