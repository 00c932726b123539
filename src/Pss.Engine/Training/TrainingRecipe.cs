using Pss.Engine.Backbones;
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
    private const int Batch = 8;
    private const int Steps = 2_000;

    /// <summary>The paper's (section 4.1): FCOS_PSS on ResNet-50 at short sides of 480 to 800, 12 epochs. Its normalizations and first stage do
    /// not train, so that it needs pretrained weights to start from.</summary>
    /// <param name="classes">Number of classes.</param>
    public static TrainingRecipe FineTuning(int classes) => new(DetectorOptions.FcosPss(classes), new(), new(), Resize.ShortestEdge());

    /// <summary>Without pretrained weights: FCOS_PSS on ResNet-18 with 128 channels, all of it trained, at a short side of 240, in about 2,000 steps
    /// of 8 images or 12 epochs, whichever is more. What the benchmark on blood cells runs; larger images find smaller objects.</summary>
    /// <param name="classes">Number of classes.</param>
    /// <param name="images">Number of training images, which decides how many epochs there are.</param>
    public static TrainingRecipe FromScratch(int classes, int images)
    {
        var stepsPerEpoch = Math.Max(1, (images + Batch - 1) / Batch);
        var size = Resize.ShortestEdge(240, 320);
        return new(
            DetectorOptions.FcosPss(classes) with { Backbone = ResNetOptions.ResNet18.FromScratch(), Pyramid = new() { Channels = 128 } },
            new()
            {
                Schedule = LearningRateSchedule.Steps(Math.Max(12, Steps / stepsPerEpoch), 0.8, 0.93) with { WarmUpSteps = 100, WarmUpRatio = 0.001 },
                BatchSize = Batch,
                NominalBatch = Batch,
                ReferenceBatch = Batch,
            },
            new() { Sizes = [size] },
            size);
    }

    /// <summary>The recipe at another image size: the sizes of training and detection scale in proportion.</summary>
    /// <param name="size">The shorter side of images in detection, in pixels.</param>
    public TrainingRecipe WithImageSize(int size)
    {
        var factor = (double)size / Resize.ShorterSide;
        return this with { Augmentation = Augmentation with { Sizes = [.. Augmentation.Sizes.Select(each => each.Scale(factor))] }, Resize = Resize.Scale(factor) };
    }
}
