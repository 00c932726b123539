using Pss.Engine.Backbones;
using Pss.Engine.Data.Images;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using Pss.Engine.Layers;
using static TorchSharp.torch;

namespace Pss.Engine.Onnx;

/// <summary>Measures the ranges of a network's activations on images.</summary>
internal static class Calibration
{
    /// <summary>Runs the network on each image.</summary>
    /// <param name="network">The network as it is exported, on the CPU; it is put into inference mode.</param>
    /// <param name="images">One image or more.</param>
    /// <param name="resize">How they are scaled.</param>
    /// <exception cref="ArgumentException">There is no image.</exception>
    public static ActivationRanges Measure(DenseDetector network, IEnumerable<RgbImage> images, Resize resize)
    {
        var ranges = new ActivationRanges();
        using var listener = ranges.Listen(network);
        network.eval();
        var count = 0;
        foreach (var image in images)
        {
            using var scope = NewDisposeScope();
            using var _ = no_grad();
            var input = DetectorInput.Create([image], resize);
            ranges.Begin();
            network.call(NetworkInput.Create(input.Pixels, input.Width, input.Height, input.ImageSizes, network.Options.Pixels, CPU, channelsLast: true));
            count++;
        }
        if (count == 0)
            throw new ArgumentException($"{nameof(OnnxExportOptions.CalibrationImages)} has no image: give it some, or null for no int8.", nameof(images));
        return ranges;
    }
}
