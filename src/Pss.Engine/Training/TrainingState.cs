using Pss.Engine.Detectors;
using Pss.Engine.Weights;
using static TorchSharp.torch;

namespace Pss.Engine.Training;

/// <summary>What changes from step to step: weights, the optimizer's memory, and the average of the weights.</summary>
/// <param name="Network">The network in training.</param>
/// <param name="Optimizer">Its optimizer.</param>
/// <param name="Average">The average of its weights; null for none.</param>
internal sealed record TrainingState(DenseDetector Network, Optimizer Optimizer, WeightAverage? Average) : IDisposable
{
    // Names of a checkpoint's further arrays hold a colon, see DetectorModel.
    private const string TrainedPrefix = "trained:";

    /// <summary>The state before the first step.</summary>
    /// <param name="network">The network, which belongs to the state from now on, and is disposed of if this fails.</param>
    /// <param name="device">Where it is.</param>
    /// <param name="options">How it is trained.</param>
    public static TrainingState Create(DenseDetector network, Device device, TrainingOptions options)
    {
        try
        {
            var optimizer = Optimizer.Create(ParameterGroups.Create(network, options), options);
            var average = options.EmaDecay > 0 ? new WeightAverage(network, device, options.EmaDecay, options.EmaWarmUpSteps) : null;
            if (options.ChannelsLast ?? true)
                average?.Network.UseChannelsLast();
            return new(network, optimizer, average);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>The optimizer's step and what follows from it.</summary>
    /// <param name="rate">The learning rate.</param>
    /// <param name="step">The step, from 1.</param>
    public void Step(double rate, long step)
    {
        Optimizer.Step(rate);
        Optimizer.ClearGradients();
        Average?.Update(step);
    }

    /// <summary>The network to evaluate and to save as the model: the average, if there is one.</summary>
    public DenseDetector Result => Average?.Network ?? Network;

    /// <summary>What a checkpoint holds beside the weights of <see cref="Result"/>.</summary>
    public IEnumerable<NamedTensor> Beside() => Average is null ? Optimizer.State()
        : NetworkWeights.Save(Network).Tensors.Select(tensor => tensor with { Name = TrainedPrefix + tensor.Name }).Concat(Optimizer.State());

    /// <summary>Goes on from a checkpoint.</summary>
    /// <param name="checkpoint">The file.</param>
    /// <param name="result">The weights of <see cref="Result"/> in it.</param>
    public void Restore(WeightFile checkpoint, WeightFile result)
    {
        NetworkWeights.Load(Result, result);
        if (Average is not null)
            NetworkWeights.Load(Network, checkpoint, name => name.StartsWith(TrainedPrefix, StringComparison.Ordinal) ? name[TrainedPrefix.Length..] : null);
        Optimizer.Restore(checkpoint);
    }

    public void Dispose()
    {
        Average?.Dispose();
        Optimizer.Dispose();
        Network.Dispose();
    }
}
