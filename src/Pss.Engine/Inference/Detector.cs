using Pss.Engine.Backbones;
using Pss.Engine.Data;
using Pss.Engine.Data.Images;
using Pss.Engine.Detectors;
using TorchSharp;
using static TorchSharp.torch;

namespace Pss.Engine.Inference;

/// <summary>
/// A trained detector: images in, detections out. Batches may mix sizes. Calls from several threads wait for each other.
/// </summary>
public sealed class Detector : IDisposable
{
    private readonly DenseDetector _network;
    private readonly PostProcessor _postProcessor;
    private readonly Device _device;
    private readonly ScalarType _type;
    private readonly bool _channelsLast;
    private readonly object _gate = new();
    private bool _disposed;

    /// <summary>Builds a detector's network and moves it to the device.</summary>
    /// <param name="model">The trained detector; not changed.</param>
    /// <param name="options">How to run it; null takes the defaults.</param>
    /// <exception cref="ArgumentException">An option does not fit the detector or the machine.</exception>
    /// <exception cref="TorchRuntimeException">libtorch does not load.</exception>
    public Detector(DetectorModel model, InferenceOptions? options = null)
    {
        options ??= new();
        options.Validate();
        Classes = model.Classes;
        _device = Devices.Choose(options.Device);
        _type = options.Precision.ToScalarType();
        Devices.Check(_device, options.Precision);
        Resize = options.Resize ?? model.Resize;
        _channelsLast = options.ChannelsLast ?? true;

        // In no dispose scope: the network's tensors live as long as the detector.
        PostProcessor.ModeOf(model.Options, options.PostProcessing);
        _network = model.Build();
        _postProcessor = new PostProcessor(_network, options.PostProcessing);
        try
        {
            if (options.FoldBatchNorm)
                _network.FoldBatchNorm();
            _network.to(_device, _type);
            if (_channelsLast)
                _network.UseChannelsLast();
            if (options.Winograd ?? (_device.type == DeviceType.CPU && _type == ScalarType.Float32))
                _network.UseWinograd();
        }
        catch
        {
            // A device that is too small, for one: what it did take must be free for the next attempt.
            _network.Dispose();
            throw;
        }
    }

    /// <summary>Class names, by label.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>How images are brought to the network's size. Large JPEGs may be loaded with <see cref="ImageDecoding.For(Resize)"/> of it.</summary>
    public Resize Resize { get; }

    /// <summary>Device and number format in words, for a log: "cpu, 2 threads, float32".</summary>
    public string Description => $"{Devices.Describe(_device)}, {_type.ToString().ToLowerInvariant()}";

    /// <summary>Reads a detector's file.</summary>
    /// <param name="path">A file of <see cref="DetectorModel.Save(string)"/>.</param>
    /// <param name="options">How to run it; null takes the defaults.</param>
    public static Detector Load(string path, InferenceOptions? options = null) => new(DetectorModel.Load(path), options);

    /// <summary>The objects of an image, best first, in its own pixels.</summary>
    public IReadOnlyList<Detection> Detect(RgbImage image) => Detect([image])[0];

    /// <summary>The objects of each image of a batch, best first, in its own pixels.</summary>
    /// <param name="images">Any number of images of any sizes; they make one forward pass.</param>
    public IReadOnlyList<IReadOnlyList<Detection>> Detect(IReadOnlyList<RgbImage> images)
    {
        ArgumentNullException.ThrowIfNull(images);
        return images.Count == 0 ? [] : Prepare(images)();
    }

    /// <summary>The objects of an image that <see cref="Data.Images.Resize.WriteInput"/> of <see cref="Resize"/> has scaled, best first, in pixels of the original image.</summary>
    /// <param name="input">What it wrote: all red, then all green, then all blue.</param>
    /// <param name="width">Width of the original image.</param>
    /// <param name="height">Height of the original image.</param>
    /// <exception cref="ArgumentException">The span does not have the length of the network's input for such an image.</exception>
    public IReadOnlyList<Detection> Detect(ReadOnlySpan<byte> input, int width, int height) => Detect(DetectorInput.FromScaled(input, width, height, Resize))[0];

    /// <summary>Scales and packs images for one forward pass, on the processors: the part that can run ahead of the device.</summary>
    /// <param name="images">One or more images of any sizes; they may be dropped when this returns.</param>
    /// <returns>A function that runs the network on them, as <see cref="Detect(IReadOnlyList{RgbImage})"/>.</returns>
    public Func<IReadOnlyList<IReadOnlyList<Detection>>> Prepare(IReadOnlyList<RgbImage> images)
    {
        var input = DetectorInput.Create(images, Resize);
        return () => Detect(input);
    }

    private IReadOnlyList<IReadOnlyList<Detection>> Detect(DetectorInput input)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            using var scope = NewDisposeScope();
            using var _ = inference_mode();
            return _postProcessor.Process(Forward(input), input);
        }
    }

    /// <summary>The scores of all locations of an image before anything is selected (the paper's Figure 2), level by level.</summary>
    /// <param name="image">The image.</param>
    /// <returns>The scores, and how the image was scaled to the network's input.</returns>
    internal (IReadOnlyList<LevelScores> Levels, ResizeGeometry Geometry) Scores(RgbImage image)
    {
        var input = DetectorInput.Create([image], Resize);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            using var scope = NewDisposeScope();
            using var _ = inference_mode();
            var outputs = Forward(input).ToFloat32();
            // The best class of each location stands for all.
            outputs = outputs with { ClassLogits = outputs.ClassLogits.amax([2], keepdim: true) };
            var scores = FusedScore.Probability(_network.Score(outputs, withSelector: false)).flatten().ToHost<float>();
            var single = outputs.SelectorLogits is null ? null : FusedScore.Probability(_network.Score(outputs, withSelector: true)).flatten().ToHost<float>();
            var levels = new List<LevelScores>();
            var first = 0;
            foreach (var level in outputs.Levels)
            {
                var end = first + level.Count;
                levels.Add(new(level.Stride, level.Height, level.Width, scores[first..end], single?[first..end] ?? []));
                first = end;
            }
            return (levels, input.Geometries[0]);
        }
    }

    /// <summary>Frees the network.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _network.Dispose();
        }
    }

    private HeadOutputs Forward(DetectorInput input)
    {
        var values = NetworkInput.Create(input.Pixels, input.Width, input.Height, input.ImageSizes, _network.Options.Pixels, _device, _channelsLast);
        return _network.call(values.to(_type));
    }
}
