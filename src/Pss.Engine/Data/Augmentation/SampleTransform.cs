namespace Pss.Engine.Data.Augmentation;

/// <summary>The augmentation pipeline of an image: crop, color jitter, resize or canvas, flips, clip. The result is a pure function of the sample, the others
/// and the random stream, so that the same (seed, epoch, index) gives the same result on any thread.</summary>
internal sealed class SampleTransform
{
    private readonly AugmentationOptions _options;
    private readonly CanvasTransform? _canvas;
    private readonly SampleTransform _closed;
    private readonly SampleTransform? _halved;

    /// <summary>Makes a pipeline.</summary>
    /// <exception cref="ArgumentException">An option is out of range; see <see cref="AugmentationOptions.Validate"/>.</exception>
    public SampleTransform(AugmentationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _canvas = options.HasCanvas ? new CanvasTransform(options, Vary) : null;
        _closed = options.CloseEpochs > 0 && options.Closed != options ? new SampleTransform(options.Closed) : this;
        _halved = options.HalfSizeShare > 0 ? new SampleTransform(options.Halved) : null;
    }

    /// <summary>The pipeline of an epoch: the first ones may be at half size (<see cref="AugmentationOptions.HalfSizeShare"/>), and the last ones calmer
    /// (<see cref="AugmentationOptions.CloseEpochs"/>).</summary>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="epochs">Number of epochs.</param>
    public SampleTransform ForEpoch(int epoch, int epochs)
    {
        if (_halved is not null && epoch < _options.HalfSizeEpochs(epochs))
            return _halved.ForEpoch(epoch, epochs);
        return epoch >= epochs - _options.CloseEpochs ? _closed : this;
    }

    /// <summary>Applies the pipeline. Boxes of the result are inside the image and not empty.</summary>
    /// <param name="sample">The image.</param>
    /// <param name="random">The stream of the image and epoch.</param>
    /// <param name="another">Draws another sample, for mosaic and mixup.</param>
    public TrainingSample Apply(TrainingSample sample, SeededRandom random, Func<SeededRandom, TrainingSample>? another = null)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ArgumentNullException.ThrowIfNull(random);
        // All decisions are drawn every time, so that changing one option does not change the draws of the others; a canvas has streams of its own.
        var ofCanvas = random.Branch(0);
        var (crop, horizontal, vertical) = (random.NextDouble(), random.NextDouble(), random.NextDouble());
        var size = _options.Sizes[random.Next(_options.Sizes.Count)];
        sample = Vary(sample, crop, random);
        sample = _canvas?.Apply(sample, size, ofCanvas, another) ?? Augmentations.ApplyResize(sample, size);
        if (horizontal < _options.HorizontalFlip)
            sample = Augmentations.FlipHorizontally(sample);
        if (vertical < _options.VerticalFlip)
            sample = Augmentations.FlipVertically(sample);
        return Augmentations.Clip(sample);
    }

    /// <summary>Crop and color, which each image of a mosaic has by itself.</summary>
    private TrainingSample Vary(TrainingSample sample, double crop, SeededRandom random)
    {
        if (crop < _options.Crop)
            sample = Augmentations.RandomCrop(sample, random, _options);
        return _options is { Brightness: 0, Contrast: 0, Saturation: 0, Hue: 0 } ? sample : Augmentations.JitterColors(sample, random, _options);
    }
}
