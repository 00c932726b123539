using Pss.Engine.Data.Augmentation;
using Pss.Engine.Data.Loading;

namespace Pss.Engine.Tests.Inference;

/// <summary>One sample many times, for a detector to learn it by heart.</summary>
/// <param name="sample">The sample.</param>
/// <param name="count">How often an epoch has it.</param>
internal sealed class RepeatedSample(TrainingSample sample, int count) : ISampleSource
{
    public int Count => count;

    public (int Width, int Height) SizeOf(int index) => (sample.Image.Width, sample.Image.Height);

    public TrainingSample Load(int index) => sample;
}
