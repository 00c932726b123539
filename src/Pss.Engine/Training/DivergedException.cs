namespace Pss.Engine.Training;

/// <summary>A loss became infinite or not a number. The last checkpoint is as it was before.</summary>
public sealed class DivergedException : Exception
{
    /// <summary>Describes where it happened.</summary>
    internal DivergedException(int epoch, long step, string losses, IReadOnlyList<int> samples)
        : base($"The loss is not finite in epoch {epoch}, step {step} ({losses}), on training images {string.Join(", ", samples)}. "
            + "Look at the boxes of these images, lower the learning rate or lengthen the warm-up, and go on from the last checkpoint.")
    {
        (Epoch, Step, Samples) = (epoch, step, samples);
    }

    /// <summary>The epoch, from 0.</summary>
    public int Epoch { get; }

    /// <summary>Optimizer steps done before.</summary>
    public long Step { get; }

    /// <summary>Indices of the batch's samples in the training source.</summary>
    public IReadOnlyList<int> Samples { get; }
}
