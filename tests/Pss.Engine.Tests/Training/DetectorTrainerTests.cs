using Pss.Engine.Data;
using Pss.Engine.Inference;
using Pss.Engine.Training;
using Pss.Engine.Weights;
using TorchSharp;

namespace Pss.Engine.Tests.Training;

[Collection(nameof(LiveTensors))]
public sealed class DetectorTrainerTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("training").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_same_seed_gives_the_same_weights_and_another_seed_others()
    {
        var first = Train(TinyDetector.Training);
        AssertSame(first, Train(TinyDetector.Training with { Workers = 1 }));
        Assert.NotEqual(Bytes(first, "head.class_logits.weight"), Bytes(Train(TinyDetector.Training with { Seed = 4 }), "head.class_logits.weight"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    public void Stopped_at_any_step_and_resumed_a_training_ends_in_the_same_weights(int stopAfter)
    {
        var whole = Train(TinyDetector.Training);
        var training = TinyDetector.Training with { OutputFolder = folder, Resume = true };
        using var cancel = new CancellationTokenSource();
        var stop = new Callback(progress => { if (progress.Step == stopAfter) cancel.Cancel(); });
        var error = Assert.Throws<OperationCanceledException>(
            () => TinyDetector.Trainer(training).Train(new TinyDetector.Squares(10), TinyDetector.Classes, progress: stop, cancellation: cancel.Token));
        Assert.Contains($"after step {stopAfter}", error.Message);
        AssertSame(whole, Train(training));
        Assert.Equal(6, TrainingLog.Read(Path.Combine(folder, TrainingLog.FileName)).Count);
    }

    [Fact]
    public void Gradients_of_parts_of_a_batch_add_up_to_those_of_the_batch_for_one_step()
    {
        var parts = TinyDetector.Training with { BatchSize = 2 };
        long steps = 0;
        TinyDetector.Trainer(parts).Train(new TinyDetector.Squares(10), TinyDetector.Classes, progress: new Callback(p => steps = p.Steps));
        Assert.Equal(6, steps); // 5 passes of 2 images make 3 steps an epoch
    }

    [Fact]
    public void The_second_step_of_two_changes_the_selector_alone()
    {
        var baseDetector = TinyDetector.Options with { Selector = null };
        var first = TinyDetector.Trainer(detector: baseDetector).Train(new TinyDetector.Squares(10), TinyDetector.Classes);
        var second = TinyDetector.Trainer(TinyDetector.Training with { Part = TrainedPart.PositiveSampleSelector })
            .Train(new TinyDetector.Squares(10), TinyDetector.Classes, start: first.Weights);
        foreach (var array in first.Weights.Tensors)
            Assert.True(array.Data.Span.SequenceEqual(second.Weights[array.Name].Data.Span), array.Name);
        Assert.Contains(second.Weights.Tensors, array => array.Name.StartsWith("pss.", StringComparison.Ordinal));
    }

    [Fact]
    public void A_checkpoint_of_another_training_is_refused_by_name()
    {
        var training = TinyDetector.Training with { OutputFolder = folder, Resume = true };
        Train(training);
        var error = Assert.Throws<InvalidOperationException>(() => Train(training with { Seed = 9 }));
        Assert.Contains(folder, error.Message);
        Assert.Contains("other options", error.Message);
    }

    [Fact]
    public void A_loss_that_is_not_finite_stops_with_the_batch_named_and_the_checkpoint_kept()
    {
        var training = TinyDetector.Training with { OutputFolder = folder, Resume = true, LearningRate = 1e30, GradientClip = 1e30, CheckpointEvery = 1 };
        var error = Assert.Throws<DivergedException>(() => Train(training));
        Assert.Equal(4, error.Samples.Count);
        Assert.Contains($"step {error.Step}", error.Message);
        Assert.NotEmpty(DetectorModel.Load(Path.Combine(folder, "checkpoint.safetensors")).Weights.Tensors);
    }

    [Fact]
    public void No_tensor_outlives_a_training_a_detection_or_a_failure()
    {
        var model = Train(TinyDetector.Training);
        var before = LiveTensors.Settled();
        Train(TinyDetector.Training);
        Assert.Throws<DivergedException>(() => Train(TinyDetector.Training with { LearningRate = 1e30, GradientClip = 1e30 }));
        using (var detector = new Detector(model, new() { Device = "cpu" }))
            detector.Detect([new TinyDetector.Squares(1).Load(0).Image, new RgbImage(100, 33)]);
        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [Fact]
    public void Images_without_objects_train_too()
    {
        double total = -1;
        TinyDetector.Trainer().Train(new Empty(), TinyDetector.Classes, progress: new Callback(p => total = p.Losses["total"]));
        Assert.True(double.IsFinite(total) && total >= 0);
    }

    private static DetectorModel Train(TrainingOptions options)
        => TinyDetector.Trainer(options).Train(new TinyDetector.Squares(10), TinyDetector.Classes);

    private static byte[] Bytes(DetectorModel model, string name) => model.Weights[name].Data.ToArray();

    private static void AssertSame(DetectorModel a, DetectorModel b)
    {
        Assert.Equal(a.Weights.Tensors.Select(array => array.Name), b.Weights.Tensors.Select(array => array.Name));
        foreach (var (x, y) in a.Weights.Tensors.Zip(b.Weights.Tensors))
            Assert.True(x.Data.Span.SequenceEqual(y.Data.Span), x.Name);
    }

    private sealed class Callback(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }

    private sealed class Empty : ISampleSource
    {
        public int Count => 4;

        public (int Width, int Height) SizeOf(int index) => (64, 64);

        public TrainingSample Load(int index) => new(new RgbImage(64, 64), [], []);
    }
}
