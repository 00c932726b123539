namespace Pss.Engine.Data.Augmentation;

/// <summary>The augmentation pipeline of an image: crop, color jitter, resize, flips, clip. The result is a pure function of the sample and the random
/// stream, so that the same (seed, epoch, index) gives the same result on any thread.</summary>
internal sealed class SampleTransform
{
    private readonly AugmentationOptions _options;

    /// <summary>Makes a pipeline.</summary>
    /// <exception cref="ArgumentException">An option is out of range; see <see cref="AugmentationOptions.Validate"/>.</exception>
    public SampleTransform(AugmentationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
    }

    /// <summary>Applies the pipeline. Boxes of the result are inside the image and not empty.</summary>
    public TrainingSample Apply(TrainingSample sample, SeededRandom random)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ArgumentNullException.ThrowIfNull(random);
        // All decisions are drawn every time, so that changing one option does not change the draws of the others.
        var (crop, horizontal, vertical) = (random.NextDouble(), random.NextDouble(), random.NextDouble());
        var size = _options.Sizes[random.Next(_options.Sizes.Count)];
        if (crop < _options.Crop)
            sample = Augmentations.RandomCrop(sample, random, _options);
        if (_options is not { Brightness: 0, Contrast: 0, Saturation: 0, Hue: 0 })
            sample = Augmentations.JitterColors(sample, random, _options);
        sample = Augmentations.ApplyResize(sample, size);
        if (horizontal < _options.HorizontalFlip)
            sample = Augmentations.FlipHorizontally(sample);
        if (vertical < _options.VerticalFlip)
            sample = Augmentations.FlipVertically(sample);
        return Augmentations.Clip(sample);
    }
}
