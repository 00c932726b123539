using Pss.Engine.Assignment;
using Pss.Engine.Backbones;
using Pss.Engine.Data;
using Pss.Engine.Data.Augmentation;
using Pss.Engine.Data.Images;
using Pss.Engine.Detectors;

namespace Pss.Engine.Training;

/// <summary>A training preset: a detector, its training, augmentation and sizes, in two settings that go together.</summary>
/// <param name="Detector">What is trained.</param>
/// <param name="Training">How.</param>
/// <param name="Augmentation">How training images are varied.</param>
/// <param name="Resize">How images are brought to the network's size outside training.</param>
public sealed record TrainingRecipe(DetectorOptions Detector, TrainingOptions Training, AugmentationOptions Augmentation, Resize Resize)
{
    private const int LeastEpochs = 12;
    private const int ScratchSteps = 2_000;
    private const int ScratchBatch = 8;
    private const int PretrainedSteps = 1_300;
    private const int PretrainedBatch = 4;
    private const int LargeBatch = 16;
    private const int LargeData = 2_000;
    private const int ShorterSide = 240;
    private const int LargestSide = 800;
    private const double LeastObject = 16;

    // What brings the output without NMS nearest to the one with it in so few steps; the paper's are 0.8 and 1.
    private const double SmallDataAlpha = 0.6;
    private const double SelectorRate = 3;

    // What local maxima are worth on blood cells is 0.005 to 0.01 AP; an object that they lose costs about its share of the recall.
    private const double MostNeighbors = 0.01;

    // On blood cells at 640x480 such a start loses nothing that one seed can tell, and takes little more than half of the time.
    private const int GrowthFrom = 2 * ShorterSide;
    private const double HalfSizeShare = 0.6;

    // At a quarter of the usual steps, and a warm-up of 32 of them, a norm of 35 led a training on blood cells astray; after 150 steps the norm is about 3.
    private const double ShortClip = 10;

    /// <summary>Whether images of 480 pixels and more are halved in the first epochs.</summary>
    internal bool GrowsImages { get; init; }

    /// <summary>The paper's (section 4.1): FCOS_PSS on ResNet-50 at short sides of 480 to 800, 12 epochs. Its normalizations and first stage do
    /// not train, so that it needs pretrained weights to start from.</summary>
    /// <param name="classes">Number of classes.</param>
    public static TrainingRecipe FineTuning(int classes) => new(DetectorOptions.FcosPss(classes), new(), new(), Resize.ShortestEdge());

    /// <summary>Without pretrained weights: FCOS_PSS on ResNet-18 with 128 channels, all of it trained, at a short side of 240, in about 2,000 steps
    /// of 8 images or 12 epochs, whichever is more. Larger images find smaller objects. Beyond the paper, the selector matches objects on the level of their size
    /// (<see cref="MatchCandidates.PositivesOnLevel"/>); <see cref="WithLocalMaximaFor"/> adds to it.</summary>
    /// <param name="classes">Number of classes.</param>
    /// <param name="images">Number of training images, which decides how many epochs there are.</param>
    public static TrainingRecipe FromScratch(int classes, int images) => Small(classes, ResNetOptions.ResNet18.FromScratch(), images, ScratchBatch, ScratchSteps);

    /// <summary>From the ImageNet weights of ML.NET's package (<see cref="Weights.WeightFile.FindPretrained()"/>): FCOS_PSS on
    /// <see cref="ResNetOptions.PretrainedResNet18"/>, whose normalizations and first stage do not train, with 128 channels, at a short side of 240, in about 1,300
    /// steps of 4 images or 12 epochs, whichever is more. Without statistics of batches to learn, small batches give more steps for the same work; from 2,000
    /// images on a batch is the paper's 16. The selector is as in <see cref="FromScratch"/>. Images are varied in scale and color (<see cref="AugmentationOptions.Jitter"/>); from nothing so few steps do not suffice
    /// for that. At a short side of 480 or more, six in ten epochs train on images of half their size first (<see cref="AugmentationOptions.HalfSizeShare"/>).</summary>
    /// <param name="classes">Number of classes.</param>
    /// <param name="images">Number of training images, which decides how many epochs there are.</param>
    public static TrainingRecipe Pretrained(int classes, int images)
    {
        var recipe = Small(classes, ResNetOptions.PretrainedResNet18, images, images < LargeData ? PretrainedBatch : LargeBatch, PretrainedSteps);
        return recipe with { Augmentation = AugmentationOptions.Jitter(recipe.Augmentation.Sizes), GrowsImages = true };
    }

    /// <summary>The recipe at another image size: the sizes of training and detection scale in proportion. That of <see cref="Pretrained"/> then takes its
    /// <see cref="AugmentationOptions.HalfSizeShare"/> for that size, as it does by <see cref="WithResize"/> and <see cref="WithSizeFor"/>.</summary>
    /// <param name="size">The shorter side of images in detection, in pixels.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size is not positive.</exception>
    public TrainingRecipe WithImageSize(int size)
    {
        Check.AtLeast(size, 1);
        var factor = (double)size / Resize.ShorterSide;
        return AtSizes([.. Augmentation.Sizes.Select(each => each.Scale(factor))], Resize.Scale(factor));
    }

    /// <summary>The recipe at one size, for training and detection.</summary>
    /// <param name="resize">How images are brought to it.</param>
    public TrainingRecipe WithResize(Resize resize)
    {
        ArgumentNullException.ThrowIfNull(resize);
        return AtSizes([resize], resize);
    }

    /// <summary>
    /// The recipe at a size at which the objects of a dataset can be found: nine of ten are at least 16 pixels (the square root of their boxes' area),
    /// twice the finest stride of the network. The shorter side of images is then between 240 and 800, and not above that of most of the images.
    /// </summary>
    /// <param name="images">The training images.</param>
    public TrainingRecipe WithSizeFor(DetectionDataset images)
    {
        ArgumentNullException.ThrowIfNull(images);
        var sizes = images.Images.SelectMany(image => image.Objects.Where(item => !item.IsCrowd).Select(item => SizeOf(item.Box, Resize.For(image.Width, image.Height)))).Order().ToArray();
        if (sizes.Length == 0)
            return this;
        var sides = images.Images.Select(image => Math.Min(image.Width, image.Height)).Order().ToArray();
        var wanted = Resize.ShorterSide * LeastObject / Math.Max(1, sizes[sizes.Length / 10]);
        var side = Math.Min(wanted, Math.Min(LargestSide, sides[sides.Length / 2]));
        return side <= Resize.ShorterSide ? this : WithImageSize((int)Math.Ceiling(side / 16) * 16);

        static double SizeOf(BoundingBox box, ResizeGeometry geometry) => Math.Sqrt(Math.Max(0, box.Width * geometry.ScaleX * box.Height * geometry.ScaleY));
    }

    /// <summary>
    /// The recipe with detection at local maxima (<see cref="SelectorOptions.LocalMaxima"/>), if it has a selector and no more than one in a hundred objects
    /// would be lost by that; else without. To be asked for at the final size.
    /// </summary>
    /// <param name="images">The training images.</param>
    public TrainingRecipe WithLocalMaximaFor(DetectionDataset images)
    {
        ArgumentNullException.ThrowIfNull(images);
        return Detector.Selector is not { } selector ? this
            : this with { Detector = Detector with { Selector = selector with { LocalMaxima = NeighboringObjects.Share(images, Resize) <= MostNeighbors } } };
    }

    /// <summary>The recipe over another number of epochs, with the steps down of its rate at the same shares of them. Less than half of the epochs that it has
    /// clip gradients at a norm of at most 10 (<see cref="TrainingOptions.GradientClip"/>): their warm-up is short, and its large gradients would move the weights
    /// too far. To be asked of a recipe whose epochs are its own.</summary>
    /// <param name="epochs">Passes over the training images, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no epochs.</exception>
    public TrainingRecipe WithEpochs(int epochs)
    {
        Check.AtLeast(epochs, 1);
        var clip = epochs < Training.Schedule.Epochs / 2.0 ? Math.Min(Training.GradientClip, ShortClip) : Training.GradientClip;
        return this with { Training = Training with { Schedule = Training.Schedule.WithEpochs(epochs), GradientClip = clip } };
    }

    private TrainingRecipe AtSizes(IReadOnlyList<Resize> sizes, Resize resize) => this with
    {
        Augmentation = Augmentation with { Sizes = sizes, HalfSizeShare = !GrowsImages ? Augmentation.HalfSizeShare : resize.ShorterSide >= GrowthFrom ? HalfSizeShare : 0 },
        Resize = resize,
    };

    private static TrainingRecipe Small(int classes, ResNetOptions backbone, int images, int batch, int steps)
    {
        var stepsPerEpoch = Math.Max(1, (images + batch - 1) / batch);
        var size = Resize.ShortestEdge(ShorterSide, 320);
        return new(
            DetectorOptions.FcosPss(classes) with { Backbone = backbone, Pyramid = new() { Channels = 128 }, Matching = new() { Alpha = SmallDataAlpha, Candidates = MatchCandidates.PositivesOnLevel } },
            new()
            {
                Schedule = LearningRateSchedule.Steps(Math.Max(LeastEpochs, steps / stepsPerEpoch), 0.8, 0.93) with { WarmUpSteps = 100, WarmUpRatio = 0.001 },
                BatchSize = batch,
                NominalBatch = batch,
                ReferenceBatch = batch,
                SelectorRateFactor = SelectorRate,
            },
            new() { Sizes = [size] },
            size);
    }
}
