using System.Diagnostics;
using Pss.Engine.Data;
using Pss.Engine.Data.Augmentation;
using Pss.Engine.Data.Images;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using Pss.Engine.Losses;
using Pss.Engine.Training;

namespace Pss.Engine.Tests.Training;

/// <summary>Trainings with every augmentation, repeated and background images, and class weights.</summary>
public sealed class SamplingTrainingTests
{
    private static readonly AugmentationOptions Everything = new()
    {
        Sizes = TinyDetector.Augmentation.Sizes,
        HalfSizeShare = 0.5,
        Crop = 0.3,
        Brightness = 0.2,
        ScaleJitter = 0.5,
        ZoomOut = 0.3,
        Affine = 0.5,
        Mosaic = 0.5,
        Mixup = 0.5,
        CloseEpochs = 1,
    };

    private static readonly TrainingOptions Training = TinyDetector.Training with { KeepEmptyImages = true, BackgroundRatio = 0.4, RepeatThreshold = 1 };

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void Stopped_and_resumed_a_training_with_everything_ends_in_the_same_weights(int stopAfter)
    {
        using var folder = new TemporaryFolder();
        var whole = Train(Training);
        var training = Training with { OutputFolder = folder["out"], Resume = true, Workers = 1 };
        using var cancel = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Train(training, new Stop(stopAfter, cancel), cancel.Token));
        var resumed = Train(training);
        foreach (var (x, y) in whole.Weights.Tensors.Zip(resumed.Weights.Tensors))
            Assert.True(x.Data.Span.SequenceEqual(y.Data.Span), x.Name);
        var other = Assert.Throws<InvalidOperationException>(() => Train(training with { RepeatThreshold = 0.5 }));
        Assert.Contains("RepeatThreshold was 1 and is 0.5", other.Message);
    }

    [Fact]
    public void The_account_says_how_many_backgrounds_an_epoch_takes_and_that_lone_images_suit_no_batch_normalization()
    {
        var trainer = TinyDetector.Trainer(Training with { BatchSize = 1, NominalBatch = 4 });
        Assert.Contains("An epoch takes 4 of the 6 images without objects, drawn anew each time (BackgroundRatio).", trainer.Account(Images()));
        Assert.Contains(trainer.Account(Images()), line => line.Contains("raise BatchSize to 2 or more", StringComparison.Ordinal));
        Assert.DoesNotContain("images without objects, drawn", string.Concat(TinyDetector.Trainer(Training with { BackgroundRatio = 0 }).Account(Images())));
    }

    [Fact]
    public void The_time_left_counts_images_of_full_size_as_four_of_half()
    {
        var reports = new List<TrainingProgress>();
        Train(Training, new Each(reports.Add));
        // Two epochs, the first at half size.
        var perEpoch = reports.Count / 2;
        Assert.Equal(
            Enumerable.Range(1, perEpoch).Select(step => perEpoch - step + 4 * perEpoch).Concat(Enumerable.Range(1, perEpoch).Select(step => perEpoch - step)),
            reports.Select(report => (int)Math.Round(report.TimeLeft.TotalSeconds * report.ImagesPerSecond / Training.NominalBatch)));
    }

    [Fact]
    public void Images_per_second_are_those_of_whole_steps()
    {
        var (times, last) = (new List<long> { Stopwatch.GetTimestamp() }, 0.0);
        Train(Training with { BatchSize = 1, NominalBatch = 4 }, new Each(progress =>
        {
            times.Add(Stopwatch.GetTimestamp());
            last = progress.ImagesPerSecond;
        }));
        // A mean of the steps' rates: below the largest of them, but for what is between a step and its report.
        Assert.InRange(last, 0, 3 * times.Zip(times.Skip(1), (a, b) => 4 / Stopwatch.GetElapsedTime(a, b).TotalSeconds).Max());
    }

    private static DetectorModel Train(TrainingOptions training, IProgress<TrainingProgress>? progress = null, CancellationToken cancel = default)
    {
        var detector = TinyDetector.Options with { Losses = new LossOptions { ClassWeights = [1, 2.5] } };
        return new DetectorTrainer(detector, training, Everything, Resize.ShortestEdge(TinyDetector.Size, TinyDetector.Size)).Train(Images(), progress: progress, cancellationToken: cancel);
    }

    /// <summary>Ten pictures with objects and six that are annotated without.</summary>
    private static DetectionDataset Images()
    {
        var truth = TinyDetector.Truth(16);
        return new()
        {
            Categories = truth.Categories,
            Images = [.. truth.Images.Select((image, i) => i < 10 ? image : image with { Objects = [] })],
            ImageLoader = truth.ImageLoader,
        };
    }

    private sealed class Each(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }

    private sealed class Stop(int step, CancellationTokenSource cancel) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Step == step)
                cancel.Cancel();
        }
    }
}
