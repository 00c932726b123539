using Pss.Engine.Data.Augmentation;
using Pss.Engine.Inference;
using Pss.Engine.Training;
using Pss.Engine.Weights;
using Pss.Tests;

namespace Pss.Engine.Tests.Training;

/// <summary>Trainings with every option on that are stopped and resumed at random points.</summary>
public sealed class ResumeTests : IDisposable
{
    private const int Images = 7;

    private static readonly TrainingOptions Everything = TinyDetector.Training with
    {
        Schedule = LearningRateSchedule.Cosine(6, 0.1) with { WarmUpSteps = 2 },
        Optimizer = OptimizerKind.AdamW,
        LearningRate = 0.001,
        WeightDecay = 0.05,
        DecayNormsAndBiases = false,
        BackboneRateFactor = 0.5,
        LayerRateFactors = [new("pss.", 2)],
        EmaDecay = 0.9,
        EmaWarmUpSteps = 4,
        Patience = 2,
        ReturnBest = true,
        BatchSize = 2,
        CheckpointEvery = 2,
    };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Stopped_and_resumed_at_random_points_everything_ends_in_the_same_bits(long seed)
    {
        var (whole, _) = Train(Everything with { OutputFolder = _folder["whole"], TensorBoard = true }, null);
        var random = new SeededRandom(seed);
        var training = Everything with { OutputFolder = _folder["resumed"], TensorBoard = true, Resume = true };
        DetectorModel? resumed = null;
        var stops = 0;
        while (resumed is null)
        {
            // Canceled with a checkpoint, or ended without one as if killed.
            (resumed, var stopped) = Train(training, (random.Next(1, 4), random.Next(2) == 0));
            stops += stopped ? 1 : 0;
        }
        Assert.InRange(stops, 2, 40);
        AssertSame(whole!.Weights, resumed.Weights);
        AssertSame(Safetensors.Read(_folder["whole", "checkpoint.safetensors"]), Safetensors.Read(_folder["resumed", "checkpoint.safetensors"]));
        var steps = Log("whole");
        Assert.Equal(steps, Log("resumed"));
        Assert.True(steps[^1].Evaluation!.StopsEarly);
        Assert.Equal([0, .. steps.Select(step => step.Step)], EventFile.Read(_folder["resumed", TensorBoardFile.FileName]).Select(each => each.Step));
        Assert.Equal(Scalars("whole"), Scalars("resumed"));
    }

    [Fact]
    public void Every_option_changes_the_weights()
    {
        var plain = TinyDetector.Training with { Schedule = new() { Epochs = 2, DecayEpochs = [], WarmUpSteps = 0 } };
        var weights = Weights(plain);
        TrainingOptions[] changed =
        [
            plain with { Schedule = plain.Schedule with { Decay = LearningRateDecay.Cosine } },
            plain with { Schedule = plain.Schedule with { Decay = LearningRateDecay.Linear } },
            plain with { Optimizer = OptimizerKind.AdamW },
            plain with { DecayNormsAndBiases = false },
            plain with { BackboneRateFactor = 0.5 },
            plain with { LayerRateFactors = [new("head.", 0.5)] },
            plain with { EmaDecay = 0.5 },
        ];
        Assert.All(changed, training => Assert.False(weights.SequenceEqual(Weights(training)), training.ToString()));

        static float[] Weights(TrainingOptions training)
            => [.. TinyDetector.Trainer(training).Train(new TinyDetector.Squares(4), TinyDetector.Classes).Weights.Tensors.SelectMany(tensor => tensor.ToSingles())];
    }

    [Fact]
    public void Options_that_differ_are_named_and_more_epochs_are_refused_where_the_rate_depends_on_them()
    {
        string[] Differences(TrainingOptions here) => [.. TrainingFingerprint.Differences(Fingerprint(Everything), Fingerprint(here))];
        Assert.Empty(Differences(Everything with { Patience = 9, ReturnBest = false, EvaluateEvery = 3, OutputFolder = "x", TensorBoard = true }));
        Assert.Equal(["Optimizer was \"AdamW\" and is \"Sgd\""], Differences(Everything with { Optimizer = OptimizerKind.Sgd }));
        Assert.Equal(["EmaDecay was 0.9 and is 0"], Differences(Everything with { EmaDecay = 0 }));
        Assert.StartsWith("LayerRateFactors was [{\"Key\":\"pss.\",\"Value\":2}] and is []", Assert.Single(Differences(Everything with { LayerRateFactors = [] })));
        Assert.Equal(
            ["Schedule.Epochs was 6 and is 7, which changes the rate of every step"], Differences(Everything with { Schedule = Everything.Schedule.WithEpochs(7) }));
        Assert.Empty(TrainingFingerprint.Differences(Fingerprint(new()), Fingerprint(new() { Schedule = LearningRateSchedule.TwoX })));
        var (few, recipe) = (TrainingRecipe.Pretrained(1, 100).WithEpochs(2).Training, TrainingRecipe.Pretrained(1, 100).Training);
        Assert.Empty(TrainingFingerprint.Differences(Fingerprint(few), Fingerprint(recipe)));
        Assert.Equal(["GradientClip was 10 and is 35"], TrainingFingerprint.Differences(Fingerprint(few), Fingerprint(few with { GradientClip = 35 })));
        var halved = new AugmentationOptions { HalfSizeShare = 0.5 };
        Assert.Empty(TrainingFingerprint.Differences(
            TrainingFingerprint.Create(new(), halved, 10), TrainingFingerprint.Create(new() { Schedule = LearningRateSchedule.TwoX }, halved, 10)));
        Assert.Equal(
            ["HalfSizeShare was 0.5 and is 0"],
            TrainingFingerprint.Differences(TrainingFingerprint.Create(new(), halved, 10), TrainingFingerprint.Create(new(), new(), 10)));

        // A checkpoint of an older version does not name what it had no option for.
        var old = Fingerprint(new()).Replace("\"Optimizer\":\"Sgd\",", "", StringComparison.Ordinal);
        Assert.DoesNotContain("Optimizer", old);
        Assert.Empty(TrainingFingerprint.Differences(old, Fingerprint(new())));
        Assert.Equal(["Optimizer was \"Sgd\" and is \"AdamW\""], TrainingFingerprint.Differences(old, Fingerprint(new() { Optimizer = OptimizerKind.AdamW })));

        static string Fingerprint(TrainingOptions options) => TrainingFingerprint.Create(options, new(), 10);
    }

    [Fact]
    public void Classes_that_differ_are_named_and_not_resumed()
    {
        var training = TinyDetector.Training with { OutputFolder = _folder.Path, Resume = true, Schedule = LearningRateSchedule.Linear(1) };
        TinyDetector.Trainer(training).Train(new TinyDetector.Squares(4), TinyDetector.Classes);
        string[] other = [.. TinyDetector.Classes];
        other[^1] = "other";
        var error = Assert.Throws<InvalidOperationException>(() => TinyDetector.Trainer(training).Train(new TinyDetector.Squares(4), other));
        Assert.Contains($"class {other.Length} was '{TinyDetector.Classes[^1]}' and is 'other'", error.Message);

        Assert.Equal(["class 2 was 'b' and is not there"], TrainingFingerprint.DifferencesOfClasses(["a", "b"], ["a"]));
        var many = TrainingFingerprint.DifferencesOfClasses([.. "abcdefgh".Select(name => $"{name}")], [.. "habcdefg".Select(name => $"{name}")]);
        Assert.Equal("3 more classes differ", many[^1]);
    }

    [Fact]
    public void No_tensor_outlives_a_training_with_everything_on()
    {
        var before = LiveTensors.OfThread;
        var counts = new List<long>();
        Train(Everything with { OutputFolder = _folder.Path, Resume = true }, null, _ => counts.Add(LiveTensors.OfThread));
        Train(Everything with { OutputFolder = _folder.Path, Resume = true }, null);
        Assert.Equal(before, LiveTensors.OfThread);
        Assert.Single(counts.Skip(1).Distinct());
    }

    [Fact]
    public void A_checkpoint_is_a_detector_with_the_averaged_weights()
    {
        var training = Everything with { OutputFolder = _folder.Path, ReturnBest = false, Patience = 0, Schedule = LearningRateSchedule.Linear(1) };
        var (model, _) = Train(training, null);
        AssertSame(model!.Weights, DetectorModel.Load(_folder["checkpoint.safetensors"]).Weights);
    }

    private (long Step, double Rate, EpochEvaluation? Evaluation)[] Log(string folder)
        => [.. TrainingProgress.ReadLog(_folder[folder, TrainingProgress.LogFileName]).Select(report => (report.Step, report.LearningRate, report.Evaluation))];

    private Dictionary<string, float>[] Scalars(string folder) => [.. EventFile.Read(_folder[folder, TensorBoardFile.FileName])
        .Select(each => each.Scalars.Where(scalar => !scalar.Key.EndsWith("per_second", StringComparison.Ordinal)).ToDictionary())];

    /// <summary>Trains on for so many steps: canceled, which writes a checkpoint, or as if the process ended.</summary>
    private static (DetectorModel? Model, bool Stopped) Train(TrainingOptions training, (int Steps, bool Cancel)? stop, Action<TrainingProgress>? report = null)
    {
        using var cancel = new CancellationTokenSource();
        var steps = 0;
        try
        {
            return (TinyDetector.Trainer(training).Train(new TinyDetector.Squares(Images), TinyDetector.Classes, TinyDetector.Truth(4), progress: new Callback(progress =>
            {
                report?.Invoke(progress);
                if (++steps != stop?.Steps)
                    return;
                if (!stop.Value.Cancel)
                    throw new EndOfStreamException();
                cancel.Cancel();
            }), cancellationToken: cancel.Token), false);
        }
        catch (Exception error) when (error is OperationCanceledException or EndOfStreamException)
        {
            return (null, true);
        }
    }

    private static void AssertSame(WeightFile a, WeightFile b)
    {
        Assert.Equal(a.Names.Order(StringComparer.Ordinal), b.Names.Order(StringComparer.Ordinal));
        Assert.All(a.Tensors, tensor => Assert.True(tensor.Data.Span.SequenceEqual(b[tensor.Name].Data.Span), tensor.Name));
    }

    private sealed class Callback(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
