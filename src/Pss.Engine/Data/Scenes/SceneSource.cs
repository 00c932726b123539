using Pss.Engine.Data.Augmentation;
using Pss.Engine.Data.Loading;

namespace Pss.Engine.Data.Scenes;

/// <summary>Synthetic scenes as training samples, drawn on first use and kept in memory.</summary>
/// <param name="generator">Draws the scenes.</param>
/// <param name="first">Index of the first scene; training and validation need ranges that do not overlap.</param>
/// <param name="count">Number of scenes.</param>
internal sealed class SceneSource(SceneGenerator generator, int first, int count) : ISampleSource
{
    private readonly Lazy<TrainingSample>[] _samples = [.. Enumerable.Range(first, count).Select(index => new Lazy<TrainingSample>(() => generator.Sample(index)))];

    /// <inheritdoc/>
    public int Count => count;

    /// <inheritdoc/>
    public (int Width, int Height) SizeOf(int index) => (generator.Options.Width, generator.Options.Height);

    /// <inheritdoc/>
    public TrainingSample Load(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, count);
        return _samples[index].Value;
    }
}
