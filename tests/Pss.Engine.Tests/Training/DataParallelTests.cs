using Pss.Engine.Data.Augmentation;
using Pss.Engine.Data.Loading;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using Pss.Engine.Layers;
using Pss.Engine.Tests.Distributed;
using Pss.Engine.Training;
using Pss.Engine.Weights;
using Pss.Tests;

namespace Pss.Engine.Tests.Training;

/// <summary>Trainings of several threads that exchange data as processes do, against one.</summary>
public sealed class DataParallelTests : IDisposable
{
    private static readonly DetectorOptions Frozen = TinyDetector.Options with { Backbone = TinyDetector.Options.Backbone with { Normalization = Normalization.FrozenBatchNorm } };
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(2, 4, 4)]
    [InlineData(4, 4, 4)]
    [InlineData(3, 2, 4)]
    public void Several_processes_end_in_the_weights_and_losses_of_one(int processes, int batch, int nominal)
    {
        // Images of two sizes, so that padding differs; a last batch that is smaller than the number of processes; a rate at which rounding does not grow.
        var training = TinyDetector.Training with
        {
            Schedule = new() { Epochs = 4, DecayEpochs = [], WarmUpSteps = 2 },
            LearningRate = 0.0005,
            BatchSize = batch,
            NominalBatch = nominal,
        };
        var (one, losses) = Train(training, null);
        var several = ThreadGroup.Run(processes, communicator => Train(training, communicator));
        Assert.All(several, each => Assert.True(Distance(one, each.Weights) < 1e-5, $"{Distance(one, each.Weights)}"));
        // The first process reports for all.
        Assert.Equal([20, .. Enumerable.Repeat(0, processes - 1)], several.Select(each => each.Losses.Count));
        Assert.All(several[0].Losses.Zip(losses), pair =>
        {
            Assert.Equal(pair.Second.Keys, pair.First.Keys);
            Assert.All(pair.First, loss => Assert.Equal(pair.Second[loss.Key], loss.Value, 1e-5 * Math.Max(1, pair.Second[loss.Key])));
        });

        static (WeightFile Weights, List<Dictionary<string, double>> Losses) Train(TrainingOptions training, Engine.Distributed.Communicator? communicator)
        {
            var steps = new Steps();
            var model = new DetectorTrainer(Frozen, training, TinyDetector.Augmentation, TinyDetector.Augmentation.Sizes[0]) { Communicator = communicator }
                .Train(new TinyDetector.Squares(18), TinyDetector.Classes, progress: steps);
            return (model.Weights, steps.Losses);
        }
    }

    [Fact]
    public void All_processes_have_the_same_bits_with_batch_normalization_averages_and_rounded_gradients()
    {
        var training = TinyDetector.Training with { EmaDecay = 0.9, EmaWarmUpSteps = 2 };
        var models = ThreadGroup.Run(2, communicator => new DetectorTrainer(TinyDetector.Options, training, TinyDetector.Augmentation, TinyDetector.Augmentation.Sizes[0])
        {
            Communicator = communicator,
            RoundGradients = true,
        }.Train(new TinyDetector.Squares(9), TinyDetector.Classes));
        foreach (var (first, second) in models[0].Weights.Tensors.Zip(models[1].Weights.Tensors).Where(pair => !pair.First.Name.EndsWith("num_batches_tracked", StringComparison.Ordinal)))
            Assert.True(first.ToSingles().SequenceEqual(second.ToSingles()), first.Name);
    }

    [Fact]
    public void No_tensor_outlives_a_training_of_several_processes()
    {
        // The third process has no image in any pass.
        var training = TinyDetector.Training with { Schedule = new() { Epochs = 1, DecayEpochs = [], WarmUpSteps = 0 }, BatchSize = 2 };
        var left = ThreadGroup.Run(3, communicator =>
        {
            var before = LiveTensors.OfThread;
            new DetectorTrainer(TinyDetector.Options, training, TinyDetector.Augmentation, TinyDetector.Augmentation.Sizes[0]) { Communicator = communicator, RoundGradients = true }
                .Train(new TinyDetector.Squares(6), TinyDetector.Classes);
            return LiveTensors.OfThread - before;
        });
        Assert.All(left, count => Assert.Equal(0, count));
    }

    [Fact]
    public void Lone_images_of_processes_are_told_where_batch_normalization_trains()
    {
        var lines = ThreadGroup.Run(4, communicator => new DetectorTrainer(
            TinyDetector.Options, TinyDetector.Training, TinyDetector.Augmentation, TinyDetector.Augmentation.Sizes[0])
        { Communicator = communicator }
            .Account(TinyDetector.Truth(4)));
        Assert.All(lines, each => Assert.Contains(each, line => line.Contains("a single image per process", StringComparison.Ordinal)));
        Assert.DoesNotContain("single image", string.Concat(TinyDetector.Trainer().Account(TinyDetector.Truth(4))));
    }

    [Fact]
    public void A_checkpoint_of_two_processes_goes_on_with_one_and_with_three()
    {
        var training = TinyDetector.Training with { OutputFolder = _folder["whole"], CheckpointEvery = 1, Resume = true };
        var whole = Train(training, 1, null);
        training = training with { OutputFolder = _folder["parts"] };
        Assert.IsType<OperationCanceledException>(Assert.Throws<ThreadGroup.GroupException>(() => Train(training, 2, 1)).InnerException);
        Assert.Equal([1], TrainingProgress.ReadLog(_folder["parts", TrainingProgress.LogFileName]).Select(step => step.Step));
        Assert.Throws<ThreadGroup.GroupException>(() => Train(training, 3, 2));
        var parts = Train(training, 1, null);
        Assert.True(Distance(whole, parts) < 1e-5, $"{Distance(whole, parts)}");
        Assert.Equal(
            TrainingProgress.ReadLog(_folder["whole", TrainingProgress.LogFileName]).Select(step => step.Step),
            TrainingProgress.ReadLog(_folder["parts", TrainingProgress.LogFileName]).Select(step => step.Step));

        static WeightFile Train(TrainingOptions training, int processes, int? stopAfter) => ThreadGroup.Run(processes, communicator =>
        {
            // One process alone is asked to stop: the last one.
            using var source = new CancellationTokenSource();
            if (communicator.Rank == processes - 1 && stopAfter is not null)
                source.Cancel();
            return new DetectorTrainer(Frozen, training, TinyDetector.Augmentation, TinyDetector.Augmentation.Sizes[0]) { Communicator = communicator }
                .Train(new TinyDetector.Squares(9), TinyDetector.Classes, cancellationToken: source.Token).Weights;
        })[0];
    }

    [Fact]
    public void An_evaluation_of_three_processes_is_that_of_one_and_decides_for_all()
    {
        // 19 images are three batches, the last of three images.
        var training = TinyDetector.Training with { ReturnBest = true, Patience = 1 };
        var (one, single) = Train(training, null);
        var several = ThreadGroup.Run(3, communicator => Train(training, communicator));
        Assert.All(several, each => Assert.True(Distance(one, each.Weights) < 1e-5, $"{Distance(one, each.Weights)}"));
        Assert.NotEmpty(single);
        Assert.Equal(single.Count, several[0].Evaluations.Count);
        Assert.All(single.Zip(several[0].Evaluations), pair => Assert.Equal(pair.First.OneToManyAp, pair.Second.OneToManyAp, 1e-3));

        static (WeightFile Weights, List<EpochEvaluation> Evaluations) Train(TrainingOptions training, Engine.Distributed.Communicator? communicator)
        {
            var steps = new Steps();
            var model = new DetectorTrainer(Frozen, training, TinyDetector.Augmentation, TinyDetector.Augmentation.Sizes[0]) { Communicator = communicator }
                .Train(new TinyDetector.Squares(9), TinyDetector.Classes, TinyDetector.Truth(19), progress: steps);
            return (model.Weights, steps.Evaluations);
        }
    }

    [Fact]
    public void A_fault_of_one_process_ends_all()
    {
        var error = Assert.Throws<ThreadGroup.GroupException>(() => ThreadGroup.Run(2, communicator => new DetectorTrainer(
            Frozen, TinyDetector.Training, TinyDetector.Augmentation, TinyDetector.Augmentation.Sizes[0])
        { Communicator = communicator }
            .Train(new Damaged(communicator.Rank), TinyDetector.Classes)));
        Assert.Contains("sample 3 cannot be loaded", error.InnerException!.Message);
        Assert.IsType<ThreadGroup.AbortedException>(error.Faults.Single(fault => fault is not InvalidDataException));
    }

    private static double Distance(WeightFile a, WeightFile b) => a.Tensors.Zip(b.Tensors)
        .Max(pair => pair.First.ToSingles().Zip(pair.Second.ToSingles()).Max(values => Math.Abs((double)values.First - values.Second)));

    private sealed class Steps : IProgress<TrainingProgress>
    {
        public List<Dictionary<string, double>> Losses { get; } = [];

        public List<EpochEvaluation> Evaluations { get; } = [];

        public void Report(TrainingProgress value)
        {
            Losses.Add(new(value.Losses));
            if (value.Evaluation is { } evaluation)
                Evaluations.Add(evaluation);
        }
    }

    /// <summary>A source whose fourth sample only one process cannot load.</summary>
    private sealed class Damaged(int rank) : ISampleSource
    {
        private readonly TinyDetector.Squares _squares = new(8);

        public int Count => 8;

        public (int Width, int Height) SizeOf(int index) => _squares.SizeOf(index);

        public IReadOnlyList<int> LabelsOf(int index) => _squares.Load(index).Labels;

        public TrainingSample Load(int index) => index == 3 ? throw new InvalidDataException($"broken on {rank}") : _squares.Load(index);
    }
}
