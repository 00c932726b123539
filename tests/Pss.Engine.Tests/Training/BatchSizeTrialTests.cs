using Pss.Engine.Data.Augmentation;
using Pss.Engine.Data.Images;
using Pss.Engine.Data.Loading;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using Pss.Engine.Tests.Detectors;
using Pss.Engine.Training;
using Pss.Tests;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Training;

public sealed class BatchSizeTrialTests
{
    private const long Much = 1L << 40;

    [Fact]
    public void On_a_CPU_the_batch_is_the_largest_divisor_that_memory_suffices_for()
    {
        using var scope = NewDisposeScope();
        using var trial = new StepTrial(TinyDetector.Options, TinyDetector.Training, (128, 128), CPU);
        Assert.Equal(12, AutomaticOptions.ByEstimate(trial, Precision.Float32, 12, Much));
        Assert.Equal(1, AutomaticOptions.ByEstimate(trial, Precision.Float32, 12, 0));
        Assert.Contains(AutomaticOptions.ByEstimate(trial, Precision.Float32, 12, 200L << 20), (int[])[1, 2, 3, 4, 6, 12]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_trial_takes_any_detector_and_leaves_no_tensors(bool masks)
    {
        var detector = SmallDetectors.Small(masks ? DetectorOptions.CondInstPss(3) : DetectorOptions.FcosPss(3));
        Run();
        var before = LiveTensors.OfThread;
        Run();
        Assert.Equal(before, LiveTensors.OfThread);

        void Run()
        {
            using var scope = NewDisposeScope();
            using var trial = new StepTrial(detector, new(), (96, 64), CPU);
            Assert.True(trial.Run(Precision.Float32, 2) > TimeSpan.Zero);
            Assert.True(trial.StateBytes > 100_000);
        }
    }

    [Fact]
    public void A_batch_that_is_found_gives_the_weights_of_the_same_batch_that_is_set()
    {
        var reports = new List<TrainingProgress>();
        var found = Train(TinyDetector.Training with { BatchSize = 0 }, reports);
        Assert.Contains(reports[0].BatchSize, (int[])[1, 2, 4]);
        Assert.All(reports, report => Assert.Equal(reports[0].BatchSize, report.BatchSize));
        Assert.Equal(Bytes(Train(TinyDetector.Training with { BatchSize = reports[0].BatchSize }, [])), Bytes(found));
    }

    [Fact]
    public void A_resumed_training_takes_the_batch_of_its_checkpoint()
    {
        var training = TinyDetector.Training with { BatchSize = 2 };
        var whole = Train(training, []);
        using var folder = new TemporaryFolder();
        training = training with { OutputFolder = folder.Path, Resume = true };
        using var cancel = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Train(training, [], cancel));
        var reports = new List<TrainingProgress>();
        Assert.Equal(Bytes(whole), Bytes(Train(training with { BatchSize = 0 }, reports)));
        Assert.All(reports, report => Assert.Equal(2, report.BatchSize));
    }

    [Fact]
    public void The_largest_images_of_the_larger_of_both_groups_decide()
    {
        // Short side 64, long side up to 96: 96 x 64 for the wide, 64 x 80 and 64 x 96, padded, for the tall.
        var augmentation = new AugmentationOptions { Sizes = [Resize.ShortestEdge(32, 48), Resize.ShortestEdge(64, 96)] };
        Assert.Equal((96, 64), StepTrial.LargestSize(new Sizes((300, 200), (100, 100)), augmentation));
        Assert.Equal((64, 96), StepTrial.LargestSize(new Sizes((100, 100), (200, 300)), augmentation));
    }

    [Fact]
    public void Libtorchs_error_of_memory_is_recognized_and_explained()
    {
        var fault = Assert.ThrowsAny<Exception>(() => zeros(1L << 55));
        Assert.True(MemoryShortage.Is(fault), fault.Message);
        Assert.True(MemoryShortage.Is(new System.Runtime.InteropServices.ExternalException("CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has ...")));
        Assert.False(MemoryShortage.Is(Assert.ThrowsAny<Exception>(() => zeros(2).view(3))));

        using var batch = Batch(4);
        var message = MemoryShortage.Explain(fault, batch, CPU).Message;
        Assert.Contains("has not enough memory for a pass over 4 images of 96 x 64 pixels: set TrainingOptions.BatchSize to 2 or less (NominalBatch may stay), or to 0", message);
        Assert.DoesNotContain('\n', message);
        using var single = Batch(1);
        Assert.Contains("train at a smaller image size", MemoryShortage.Explain(fault, single, CPU).Message);

        static TrainingBatch Batch(int images) =>
            TrainingBatch.Collate([.. Enumerable.Repeat(new TrainingSample(new RgbImage(96, 64), [], []), images)], [.. Enumerable.Range(0, images)]);
    }

    [Fact]
    public void The_machine_has_free_memory_and_work_takes_some()
    {
        Assert.InRange(MachineMemory.Free(), 1L << 20, Much);
        const int Size = 64 << 20;
        var taken = MachineMemory.PeakOf(() =>
        {
            var block = new byte[Size];
            Array.Fill(block, (byte)1);
            GC.KeepAlive(block);
        });
        Assert.InRange(taken, Size / 2, Much);
    }

    private static DetectorModel Train(TrainingOptions options, List<TrainingProgress> reports, CancellationTokenSource? stopAtOnce = null) =>
        TinyDetector.Trainer(options).Train(new TinyDetector.Squares(10), TinyDetector.Classes, progress: new Callback(report =>
        {
            reports.Add(report);
            stopAtOnce?.Cancel();
        }), cancellationToken: stopAtOnce?.Token ?? default);

    private static byte[] Bytes(DetectorModel model) => [.. model.Weights.Tensors.SelectMany(tensor => tensor.Data.ToArray())];

    private sealed class Callback(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }

    private sealed class Sizes(params (int Width, int Height)[] sizes) : ISampleSource
    {
        public int Count => sizes.Length;

        public (int Width, int Height) SizeOf(int index) => sizes[index];

        public TrainingSample Load(int index) => throw new NotSupportedException();
    }
}
