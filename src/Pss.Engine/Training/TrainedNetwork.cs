using Pss.Engine.Detectors;
using Pss.Engine.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Pss.Engine.Training;

/// <summary>The network of a training before its first step.</summary>
internal static class TrainedNetwork
{
    /// <summary>Builds the network and loads what it starts from.</summary>
    /// <param name="detector">What is trained.</param>
    /// <param name="options">How.</param>
    /// <param name="start">Weights to start from; null draws all.</param>
    /// <param name="device">Where it is trained.</param>
    public static DenseDetector Build(DetectorOptions detector, TrainingOptions options, WeightFile? start, Device device)
    {
        var network = detector.Build((ulong)options.Seed);
        try
        {
            if (start is not null)
                LoadStart(network, start);
            network.to(device);
            if (options.ChannelsLast ?? true)
                network.UseChannelsLast();
            if (options.Winograd ?? (device.type == DeviceType.CPU))
                network.UseWinogradInTraining();
            network.train();
            if (options.SelectorOnly)
                network.FreezeAllButSelector();
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Loads weights that may lack whole parts of the network: pyramid, selector, a tower or predictor of the head, the offsets of deformable
    /// convolutions. Those keep what was drawn.
    /// </summary>
    private static void LoadStart(DenseDetector network, WeightFile start)
    {
        var parts = start.Tensors.Select(array => PartOf(array.Name)).ToHashSet(StringComparer.Ordinal);
        NetworkWeights.Load(network, start, optional: name => !parts.Contains(PartOf(name)) && PartOf(name) != "backbone");

        static string PartOf(string name) => name.Contains(".offsets.", StringComparison.Ordinal) ? "offsets"
            : string.Join('.', name.Split('.').Take(name.StartsWith("head.", StringComparison.Ordinal) ? 2 : 1));
    }
}
