using System.Runtime.InteropServices;
using Pss.Engine.Data;
using Pss.Engine.Data.Augmentation;
using Pss.Engine.Data.Formats;
using Pss.Engine.Data.Images;
using Pss.Engine.Data.Loading;
using Pss.Engine.Inference;
using Pss.Engine.Layers;
using Pss.Engine.Training;
using Pss.Engine.Weights;

namespace Pss.Engine.Tests.Training;

public sealed class DetectorTrainerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("training").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_gradients_of_accumulated_passes_are_averaged()
    {
        // Two passes over the same picture have the gradient of one.
        var detector = TinyDetector.Options with { Backbone = TinyDetector.Options.Backbone with { Normalization = Normalization.GroupNorm } };
        var training = TinyDetector.Training with { Schedule = new() { Epochs = 1, DecayEpochs = [], WarmUpSteps = 0 }, BatchSize = 1, NominalBatch = 1, ReferenceBatch = 1 };
        var once = Weights(training, new Same(1));
        Assert.Equal(once, Weights(training with { NominalBatch = 2, ReferenceBatch = 2 }, new Same(2)), new Near());

        float[] Weights(TrainingOptions options, ISampleSource source) => [.. new DetectorTrainer(
            detector, options, new() { Sizes = [Resize.Letterbox(TinyDetector.Size, TinyDetector.Size)], HorizontalFlip = 0 }, Resize.Letterbox(TinyDetector.Size, TinyDetector.Size))
            .Train(source, TinyDetector.Classes).Weights.Tensors.SelectMany(tensor => MemoryMarshal.Cast<byte, float>(tensor.Data.Span).ToArray())];
    }

    private sealed class Same(int count) : ISampleSource
    {
        public int Count => count;

        public (int Width, int Height) SizeOf(int index) => (TinyDetector.Size, TinyDetector.Size);

        public TrainingSample Load(int index) => new TinyDetector.Squares(1).Load(0);
    }

    private sealed class Near : IEqualityComparer<float>
    {
        public bool Equals(float x, float y) => Math.Abs(x - y) <= 1e-6;

        public int GetHashCode(float value) => 0;
    }

    [Fact]
    public void A_folder_that_cannot_be_written_to_is_named_before_the_first_step()
    {
        var file = Path.GetTempFileName();
        try
        {
            var steps = 0;
            var trainer = TinyDetector.Trainer(TinyDetector.Training with { OutputFolder = Path.Combine(file, "out") });
            var error = Assert.Throws<IOException>(() => trainer.Train(new TinyDetector.Squares(4), TinyDetector.Classes, progress: new Callback(_ => steps++)));
            Assert.Contains($"The folder {Path.Combine(file, "out")} cannot be written to", error.Message);
            Assert.Contains("choose another one", error.Message);
            Assert.Equal(0, steps);
            Assert.Contains("cannot be written to", Assert.Throws<IOException>(() => CocoWriter.Write(Path.Combine(file, "coco"), TinyDetector.Truth(1))).Message);
        }
        finally
        {
            File.Delete(file);
        }
    }

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
        var training = TinyDetector.Training with { OutputFolder = _folder, Resume = true };
        using var cancel = new CancellationTokenSource();
        var stop = new Callback(progress => { if (progress.Step == stopAfter) cancel.Cancel(); });
        var error = Assert.Throws<OperationCanceledException>(
            () => TinyDetector.Trainer(training).Train(new TinyDetector.Squares(10), TinyDetector.Classes, progress: stop, cancellationToken: cancel.Token));
        Assert.Contains($"after step {stopAfter}", error.Message);
        AssertSame(whole, Train(training));
        Assert.Equal(6, TrainingLog.Read(Path.Combine(_folder, TrainingLog.FileName)).Count);
    }

    [Theory] // 5 passes of 2 images make 3 steps an epoch, the last of one pass alone.
    [InlineData(1, 1)]
    [InlineData(5, 2)]
    [InlineData(8, 1)]
    [InlineData(11, 3)]
    [InlineData(13, 1)]
    [InlineData(19, 2)]
    public void Killed_anywhere_and_resumed_a_training_ends_in_the_same_weights(int loads, int workers)
    {
        var training = TinyDetector.Training with { BatchSize = 2, CheckpointEvery = 2, Workers = workers };
        var whole = Train(training);
        training = training with { OutputFolder = _folder, Resume = true };
        // As when the process is killed nothing is written on the way out, nor does the step in work end.
        var source = new Fragile(new TinyDetector.Squares(10), loads);
        Assert.Throws<InvalidDataException>(() => TinyDetector.Trainer(training).Train(source, TinyDetector.Classes));
        File.AppendAllText(Path.Combine(_folder, TrainingLog.FileName), "{\"Epoch\":0,\"Losses\":{}");
        AssertSame(whole, Train(training));
        Assert.Equal([1, 2, 3, 4, 5, 6], TrainingLog.Read(Path.Combine(_folder, TrainingLog.FileName)).Select(progress => progress.Step));
    }

    [Theory]
    [InlineData(3)] // the end of an epoch whose last step is one pass of two
    [InlineData(5)]
    public void Canceled_with_gradients_accumulated_and_resumed_a_training_ends_in_the_same_weights(int stopAfter)
    {
        var training = TinyDetector.Training with { BatchSize = 2 };
        var whole = Train(training);
        training = training with { OutputFolder = _folder, Resume = true };
        using var cancel = new CancellationTokenSource();
        var stop = new Callback(progress => { if (progress.Step == stopAfter) cancel.Cancel(); });
        Assert.Throws<OperationCanceledException>(
            () => TinyDetector.Trainer(training).Train(new TinyDetector.Squares(10), TinyDetector.Classes, progress: stop, cancellationToken: cancel.Token));
        AssertSame(whole, Train(training));
    }

    [Fact]
    public void Canceled_between_the_passes_of_a_step_a_training_ends_that_step_first()
    {
        var training = TinyDetector.Training with { BatchSize = 2, Workers = 1 };
        var whole = Train(training);
        training = training with { OutputFolder = _folder, Resume = true };
        using var cancel = new CancellationTokenSource();
        var source = new Fragile(new TinyDetector.Squares(10), int.MaxValue) { Loaded = count => { if (count == 7) cancel.Cancel(); } };
        var error = Assert.Throws<OperationCanceledException>(() => TinyDetector.Trainer(training).Train(source, TinyDetector.Classes, cancellationToken: cancel.Token));
        Assert.Contains(Path.Combine(_folder, "checkpoint.safetensors"), error.Message);
        AssertSame(whole, Train(training));
    }

    [Fact]
    public void Validation_images_with_classes_in_another_order_are_refused()
    {
        var truth = TinyDetector.Truth(2);
        var turned = new DetectionDataset { Name = "turned", Categories = [.. truth.Categories.Reverse()], Images = truth.Images, ImageLoader = truth.ImageLoader };
        var error = Assert.Throws<ArgumentException>(() => TinyDetector.Trainer(TinyDetector.Training).Train(
            new TinyDetector.Squares(10), TinyDetector.Classes, turned));
        Assert.Contains($"turned has the classes {string.Join(", ", TinyDetector.Classes.Reverse())}", error.Message);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Stopped_in_an_evaluation_a_training_goes_on_with_that_evaluation(bool fault)
    {
        var whole = Train(TinyDetector.Training);
        var training = TinyDetector.Training with { OutputFolder = _folder, Resume = true };
        var truth = TinyDetector.Truth(12);
        using var cancel = new CancellationTokenSource();
        var seen = 0;
        var fragile = new DetectionDataset
        {
            Categories = truth.Categories,
            Images = truth.Images,
            ImageLoader = (image, decoding) =>
            {
                if (Interlocked.Increment(ref seen) == 1)
                    cancel.Cancel();
                return fault ? throw new IOException("gone") : truth.ImageLoader!(image, decoding);
            },
        };
        var error = Record.Exception(() => TinyDetector.Trainer(training).Train(
            new TinyDetector.Squares(10), TinyDetector.Classes, fragile, cancellationToken: fault ? default : cancel.Token));
        if (fault)
            Assert.Contains("gone", Assert.IsType<InvalidDataException>(error).Message);
        else
            Assert.Contains("after step 3", Assert.IsType<OperationCanceledException>(error).Message);

        var reports = new List<TrainingProgress>();
        var resumed = TinyDetector.Trainer(training).Train(
            new TinyDetector.Squares(10), TinyDetector.Classes, truth, progress: new Callback(reports.Add));
        AssertSame(whole, resumed);
        Assert.Equal([3, 4, 5, 6], reports.Select(report => report.Step));
        Assert.Equal([true, false, false, true], reports.Select(report => report.Evaluation is not null));
        var log = TrainingLog.Read(Path.Combine(_folder, TrainingLog.FileName));
        Assert.Equal([1, 2, 3, 4, 5, 6], log.Select(report => report.Step));
        Assert.NotNull(log[2].Evaluation);
        Assert.True(log[2].Losses["total"] > 0);
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
        var second = TinyDetector.Trainer(TinyDetector.Training with { SelectorOnly = true })
            .Train(new TinyDetector.Squares(10), TinyDetector.Classes, start: first.Weights);
        foreach (var array in first.Weights.Tensors)
            Assert.True(array.Data.Span.SequenceEqual(second.Weights[array.Name].Data.Span), array.Name);
        Assert.Contains(second.Weights.Tensors, array => array.Name.StartsWith("pss.", StringComparison.Ordinal));
    }

    [Fact]
    public void A_checkpoint_of_another_training_is_refused_by_name()
    {
        var training = TinyDetector.Training with { OutputFolder = _folder, Resume = true };
        Train(training);
        var error = Assert.Throws<InvalidOperationException>(() => Train(training with { Seed = 9 }));
        Assert.Contains(_folder, error.Message);
        Assert.Contains("other options", error.Message);
    }

    [Fact]
    public void A_loss_that_is_not_finite_stops_with_the_batch_named_and_the_checkpoint_kept()
    {
        var training = TinyDetector.Training with { OutputFolder = _folder, Resume = true, LearningRate = 1e30, GradientClip = 1e30, CheckpointEvery = 1 };
        var error = Assert.Throws<DivergedException>(() => Train(training));
        Assert.Equal(4, error.Samples.Count);
        Assert.Contains($"after {error.Step} steps", error.Message);
        Assert.NotEmpty(DetectorModel.Load(Path.Combine(_folder, "checkpoint.safetensors")).Weights.Tensors);
    }

    [Fact]
    public void A_gradient_that_is_not_finite_ends_the_training()
    {
        // Class logits of nothing but their bias have a finite loss; their weights' gradient is as large as the features.
        var start = new WeightFile(Train(TinyDetector.Training).Weights.Tensors.Select(array => array.Name switch
        {
            "head.class_tower.0.norm.weight" => NamedTensor.FromSingles(array.Name, array.Shape, [.. Enumerable.Repeat(1e30f, (int)array.Count)]),
            "head.class_logits.weight" => NamedTensor.FromSingles(array.Name, array.Shape, new float[array.Count]),
            _ => array,
        }));
        var error = Assert.Throws<DivergedException>(() => TinyDetector.Trainer(TinyDetector.Training with { BatchSize = 2 })
            .Train(new TinyDetector.Squares(10), TinyDetector.Classes, start: start));
        Assert.Contains("The gradient", error.Message);
        Assert.Equal((0, 4), (error.Step, error.Samples.Count));
    }

    [Fact]
    public void Objects_that_are_no_boxes_and_labels_without_a_class_are_named()
    {
        var error = Assert.Throws<InvalidDataException>(() => TinyDetector.Trainer().Train(new Faulty([5, 5, 4, 9], [0]), TinyDetector.Classes));
        Assert.Contains("sample 0 cannot be loaded: object 0 has the box (5, 5, 4, 9)", error.Message);
        Assert.Throws<InvalidDataException>(() => TinyDetector.Trainer().Train(new Faulty([5, 5, float.NaN, 9], [0]), TinyDetector.Classes));
        error = Assert.Throws<InvalidDataException>(() => TinyDetector.Trainer().Train(new Faulty([5, 5, 30, 30], [2]), TinyDetector.Classes));
        Assert.Contains("Training images faulty.png: Object 0 of image 0 of the batch has label 2; labels go from 0 to 1", error.Message);
    }

    [Fact]
    public void Live_tensors_are_flat_from_step_to_step()
    {
        var counts = new List<long>();
        TinyDetector.Trainer().Train(new TinyDetector.Squares(10), TinyDetector.Classes, progress: new Callback(_ => counts.Add(LiveTensors.OfThread)));
        // The first step makes the momentum.
        Assert.Single(counts.Skip(1).Distinct());
    }

    [Fact]
    public void No_tensor_outlives_a_training_a_detection_or_a_failure()
    {
        var model = Train(TinyDetector.Training);
        var before = LiveTensors.OfThread;
        Train(TinyDetector.Training);
        Assert.Throws<DivergedException>(() => Train(TinyDetector.Training with { LearningRate = 1e30, GradientClip = 1e30 }));
        Assert.Throws<WeightFileException>(() => TinyDetector.Trainer().Train(
            new TinyDetector.Squares(10), TinyDetector.Classes, start: model.Weights.Rename(name => "other." + name)));
        Assert.Throws<InvalidOperationException>(() => TinyDetector.Trainer(
            TinyDetector.Training with { SelectorOnly = true }, TinyDetector.Options with { Selector = null }).Train(new TinyDetector.Squares(10), TinyDetector.Classes));
        Assert.Throws<InvalidDataException>(() => TinyDetector.Trainer().Train(new Faulty([5, 5, 30, 30], [2]), TinyDetector.Classes));
        Assert.Throws<WeightFileException>(() => new Detector(model with { Options = TinyDetector.Options with { Classes = 3 } }, new() { Device = "cpu" }));
        var training = TinyDetector.Training with { OutputFolder = _folder, Resume = true };
        Train(training);
        Train(training);
        Assert.Throws<InvalidOperationException>(() => Train(training with { Seed = 9 }));
        using (var detector = new Detector(model, new() { Device = "cpu" }))
            detector.Detect([new TinyDetector.Squares(1).Load(0).Image, new RgbImage(100, 33)]);
        Assert.Equal(before, LiveTensors.OfThread);
    }

    [Fact]
    public void Images_without_objects_train_too()
    {
        double total = -1;
        TinyDetector.Trainer().Train(new Empty(), TinyDetector.Classes, progress: new Callback(p => total = p.Losses["total"]));
        Assert.True(double.IsFinite(total) && total >= 0);
    }

    [Fact]
    public void Images_smaller_than_a_stride_and_a_single_class_train_and_detect()
    {
        double total = -1;
        var detector = TinyDetector.Options with { Classes = 1 };
        var tiny = Resize.Letterbox(7, 5);
        var model = new DetectorTrainer(detector, TinyDetector.Training, new() { Sizes = [tiny] }, tiny)
            .Train(new Faulty([10, 10, 50, 40], [0], count: 4), ["thing"], progress: new Callback(p => total = p.Losses["total"]));
        Assert.True(double.IsFinite(total) && total >= 0);
        using var runner = new Detector(model, new() { Device = "cpu" });
        Assert.All(runner.Detect([new RgbImage(1, 1), new RgbImage(3, 200)]), found => Assert.NotEmpty(found));
        Assert.All(runner.Detect(new RgbImage(1, 1)), d => Assert.True(d is { X1: >= 0, Y1: >= 0, X2: <= 1, Y2: <= 1, Label: 0 }));
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

    /// <summary>Fails after so many samples, as a disk that is pulled.</summary>
    private sealed class Fragile(ISampleSource inner, int limit) : ISampleSource
    {
        private int _loaded;

        public Action<int>? Loaded { get; init; }

        public int Count => inner.Count;

        public (int Width, int Height) SizeOf(int index) => inner.SizeOf(index);

        public TrainingSample Load(int index)
        {
            var count = Interlocked.Increment(ref _loaded);
            Loaded?.Invoke(count);
            return count <= limit ? inner.Load(index) : throw new IOException("no such disk");
        }
    }

    private sealed class Faulty(float[] boxes, int[] labels, int count = 1) : ISampleSource
    {
        public int Count => count;

        public (int Width, int Height) SizeOf(int index) => (64, 64);

        public TrainingSample Load(int index) => new(new RgbImage(64, 64), boxes, labels);

        public string NameOf(int index) => "faulty.png";
    }

    private sealed class Empty : ISampleSource
    {
        public int Count => 4;

        public (int Width, int Height) SizeOf(int index) => (64, 64);

        public TrainingSample Load(int index) => new(new RgbImage(64, 64), [], []);
    }
}
