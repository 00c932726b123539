using Pss.Engine.Detectors;
using TorchSharp;
using static TorchSharp.torch;

namespace Pss.Engine.Training;

/// <summary>
/// The exponential moving average of a network's weights: after step t, average = d * average + (1 - d) * weights with
/// d = decay * (1 - exp(-t / warmUp)), so that the weights drawn at the start are soon forgotten. Running statistics of normalizations are averaged
/// too: those of averaged weights lie closer to their average than to the last step's. Batch counters are copied.
/// </summary>
internal sealed class WeightAverage : IDisposable
{
    private readonly double _decay;
    private readonly int _warmUpSteps;
    private readonly (Tensor Average, Tensor Trained)[] _pairs;

    /// <summary>Starts from the weights as they are.</summary>
    /// <param name="trained">The network in training.</param>
    /// <param name="device">Where it is.</param>
    /// <param name="decay">Share of the average that is kept in a step, from 0 to below 1.</param>
    /// <param name="warmUpSteps">Steps until the decay is 63 % of its full value; 0 starts at the full value.</param>
    public WeightAverage(DenseDetector trained, Device device, double decay, int warmUpSteps)
    {
        (_decay, _warmUpSteps) = (decay, warmUpSteps);
        Network = trained.Options.Build();
        using var _ = no_grad();
        Network.to(device);
        Network.eval();
        var (averages, weights) = (Network.state_dict(), trained.state_dict());
        _pairs = [.. averages.Select(entry => (entry.Value, weights[entry.Key]))];
        foreach (var (average, weight) in _pairs)
            average.copy_(weight);
    }

    /// <summary>The network with the averaged weights, in inference mode.</summary>
    public DenseDetector Network { get; }

    /// <summary>Takes the weights after a step into the average.</summary>
    /// <param name="step">The step, from 1.</param>
    public void Update(long step)
    {
        using var _ = no_grad();
        var decay = DecayAt(step);
        foreach (var (average, weight) in _pairs)
        {
            using var scope = NewDisposeScope();
            if (average.is_floating_point())
                average.MoveTowards(weight, 1 - decay);
            else
                average.copy_(weight);
        }
    }

    /// <summary>The share of the average that is kept in a step.</summary>
    /// <param name="step">The step, from 1.</param>
    public double DecayAt(long step) => _warmUpSteps == 0 ? _decay : _decay * (1 - Math.Exp(-(double)step / _warmUpSteps));

    public void Dispose() => Network.Dispose();
}
