using static TorchSharp.torch;

namespace Pss.Engine.Losses;

/// <summary>One term of the loss: weight * sum / normalizer. Scalars on the device of the outputs.</summary>
/// <param name="Name">Its name in the log.</param>
/// <param name="Sum">The sum over the batch.</param>
/// <param name="Weight">Its weight in the total.</param>
/// <param name="Normalizer">Divisor of the sum: a count of the batch, or of all batches of the step.</param>
/// <param name="LeastNormalizer">The smallest value of the normalizer, for batches without objects.</param>
internal sealed record LossTerm(string Name, Tensor Sum, double Weight, Tensor Normalizer, double LeastNormalizer = 1)
{
    /// <summary>The normalized sum, without the weight: what a log shows. The tensor belongs to the dispose scope in force.</summary>
    public Tensor Value { get; } = Sum / Normalizer.AtLeast(LeastNormalizer);
}
