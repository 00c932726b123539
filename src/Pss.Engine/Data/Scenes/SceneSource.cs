namespace Pss.Engine.Data.Scenes;

/// <summary>Synthetic scenes, drawn when they are asked for, as what the trainer reads.</summary>
/// <param name="generator">Draws them.</param>
/// <param name="first">Index of the first scene; training and validation take ranges that do not meet.</param>
/// <param name="count">Number of scenes.</param>
public sealed class SceneSource(SceneGenerator generator, int first, int count) : ISampleSource
{
    /// <inheritdoc/>
    public int Count => count;

    /// <inheritdoc/>
    public (int Width, int Height) SizeOf(int index) => (generator.Options.Width, generator.Options.Height);

    /// <inheritdoc/>
    public TrainingSample Load(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, count);
        return generator.Sample(first + index);
    }
}
