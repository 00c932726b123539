using System.Diagnostics;
using Pss.Engine.Data;
using Pss.Engine.Data.Augmentation;
using Pss.Engine.Data.Images;
using Pss.Engine.Data.Loading;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using TorchSharp;
using static TorchSharp.torch;

namespace Pss.Engine.Training;

/// <summary>Runs training steps of a network of its own on empty images, to find what fits and what is fast. The training's network is not touched.</summary>
internal sealed class StepTrial : IDisposable
{
    // As many as the fullest images of COCO have.
    private const int ObjectsPerImage = 100;

    /// <summary>Tensors of a weight's size beside the weight: its gradient, the optimizer's state, averaged weights.</summary>
    private const int TensorsPerWeight = 4;

    private readonly DenseDetector _network;
    private readonly Device _device;
    private readonly bool _channelsLast;
    private readonly (int Width, int Height) _size;

    /// <summary>Builds the network.</summary>
    /// <param name="detector">What is to be trained.</param>
    /// <param name="options">How.</param>
    /// <param name="size">Width and height of the images of a batch.</param>
    /// <param name="device">Where it is to be trained.</param>
    public StepTrial(DetectorOptions detector, TrainingOptions options, (int Width, int Height) size, Device device)
    {
        (_device, _size, _channelsLast) = (device, size, options.ChannelsLast ?? true);
        _network = detector.Build();
        try
        {
            _network.to(device);
            if (_channelsLast)
                _network.UseChannelsLast();
            _network.train();
            if (options.SelectorOnly)
                _network.FreezeAllButSelector();
        }
        catch
        {
            _network.Dispose();
            throw;
        }
    }

    /// <summary>Bytes of what a training keeps beside weights and activations.</summary>
    public long StateBytes => TensorsPerWeight * _network.parameters().Where(parameter => parameter.requires_grad).Sum(parameter => parameter.numel() * sizeof(float));

    /// <summary>One forward and backward pass.</summary>
    /// <param name="precision">Number format of the convolutions.</param>
    /// <param name="images">Images of the batch.</param>
    /// <returns>How long it took.</returns>
    /// <exception cref="InsufficientMemoryException">It does not fit into memory.</exception>
    public TimeSpan Run(Precision precision, int images)
    {
        using var scope = NewDisposeScope();
        using var batch = Batch(images);
        var state = zeros(_device.type == DeviceType.CUDA ? StateBytes / sizeof(float) : 0, device: _device);
        var start = Stopwatch.GetTimestamp();
        new TrainingStep(_network, _device, _channelsLast, _ => "of a trial", precision).Pass(batch, null);
        if (_device.type == DeviceType.CUDA)
            cuda.synchronize(_device);
        return Stopwatch.GetElapsedTime(start);
    }

    /// <inheritdoc/>
    public void Dispose() => _network.Dispose();

    /// <summary>The largest size of a batch: batches hold either wide or tall images and are padded to the largest of them.</summary>
    /// <param name="source">The training images.</param>
    /// <param name="augmentation">What decides their size.</param>
    public static (int Width, int Height) LargestSize(ISampleSource source, AugmentationOptions augmentation)
    {
        var (wide, tall) = ((Width: 0, Height: 0), (Width: 0, Height: 0));
        for (var i = 0; i < source.Count; i++)
        {
            var (width, height) = source.SizeOf(i);
            var input = augmentation.LargestSize.InputSize(width, height);
            ref var group = ref width >= height ? ref wide : ref tall;
            group = (Math.Max(group.Width, input.Width), Math.Max(group.Height, input.Height));
        }
        return (long)wide.Width * wide.Height >= (long)tall.Width * tall.Height ? wide : tall;
    }

    private TrainingBatch Batch(int images)
    {
        var image = new RgbImage(_size.Width, _size.Height);
        var (side, boxes) = (Math.Min(_size.Width, _size.Height) / 4f, new float[4 * ObjectsPerImage]);
        for (var i = 0; i < ObjectsPerImage; i++)
        {
            // A grid of ten by ten overlapping boxes.
            var (x, y) = (i % 10 * (_size.Width - side) / 10, i / 10 * (_size.Height - side) / 10);
            new[] { x, y, x + side, y + side }.CopyTo(boxes, 4 * i);
        }
        var sample = new TrainingSample(image, boxes, new int[ObjectsPerImage]) { Masks = _network.Options.HasMasks ? [.. boxes.Chunk(4).Select(Outline)] : null };
        return TrainingBatch.Collate([.. Enumerable.Repeat(sample, images)], [.. Enumerable.Range(0, images)], Resize.SizeMultiple);

        static Segmentation Outline(float[] box) =>
            Segmentation.FromPolygons([[box[0], box[1], box[2], box[1], box[2], box[3], box[0], box[3]]]);
    }
}
