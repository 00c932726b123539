
namespace Pss.Engine.Training;

/// <summary>A loss or the gradient became infinite or not a number. The last checkpoint is as it was before.</summary>
public sealed class DivergedException : Exception
{
    internal DivergedException(int epoch, long step, string what, IReadOnlyDictionary<string, double> losses, IReadOnlyList<int> samples, string names)
        : base($"The {what} is not finite in epoch {epoch + 1}, after {step} steps ({string.Join(", ", losses.Select(loss => FormattableString.Invariant($"{loss.Key} {loss.Value}")))})"
            + $", on the training images {names}. Look at the boxes of these images; if they are right, train anew with a lower learning rate or a longer warm-up.")
    {
        (Epoch, Step, Samples) = (epoch, step, [.. samples]);
    }

    /// <summary>The epoch, from 0.</summary>
    public int Epoch { get; }

    /// <summary>Optimizer steps done before.</summary>
    public long Step { get; }

    /// <summary>Indices of the batch's samples in the training source.</summary>
    public IReadOnlyList<int> Samples { get; }
}
