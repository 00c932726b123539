using Pss.Engine.Data;
using Pss.Engine.Inference;
using Pss.Engine.Training;
using Pss.Tests;

namespace Pss.Engine.Tests.Training;

public sealed class BestEpochTests : IDisposable
{
    private const int Images = 6;
    private const int StepsPerEpoch = 2;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_best_is_the_first_with_the_highest_AP_and_evaluations_after_it_count()
    {
        double[] aps = [-1, 0, 0.2, 0.2, 0.1, 0.3, double.NaN];
        var best = BestEpoch.None;
        var seen = new List<(int, int)>();
        for (var epoch = 0; epoch < aps.Length; epoch++)
        {
            best = best.After(new(null, null, aps[epoch], 0), epoch);
            seen.Add((best.Epoch, best.EvaluationsSince));
        }
        Assert.Equal([(-1, 1), (1, 0), (2, 0), (2, 1), (2, 2), (5, 0), (5, 1)], seen);
        Assert.Equal(0.4, best.After(new(0.4, 0, 0.1, 0), 9).Ap);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_epoch_with_the_highest_AP_is_returned_with_or_without_a_folder(bool folder)
    {
        // A rate that ruins what the first epochs learned.
        var training = Training(4) with { ReturnBest = true, LearningRate = 0.05, OutputFolder = folder ? _folder.Path : null };
        var reports = new List<TrainingProgress>();
        var model = Train(training, reports);
        var evaluations = reports.Where(report => report.Evaluation is not null).ToArray();
        Assert.Equal(4, evaluations.Length);
        var best = evaluations.MaxBy(report => report.Evaluation!.EndToEndAp)!;
        Assert.Equal(best.Epoch, evaluations[^1].Evaluation!.BestEpoch);
        Assert.Equal(StepsPerEpoch * (best.Epoch + 1), Steps(model));
        if (folder)
            Assert.Equal(Steps(model), Steps(Train(training with { Resume = true }, [])));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Without_a_higher_AP_a_training_ends_after_the_patience_and_says_so(bool folder)
    {
        // Statistics of the first batches move the AP, but weights do not: no epoch is better by much; what counts is what the evaluations say.
        var training = Training(8) with { Patience = 2, LearningRate = 1e-30, OutputFolder = folder ? _folder.Path : null };
        var reports = new List<TrainingProgress>();
        var model = Train(training, reports);
        var evaluations = reports.Where(report => report.Evaluation is not null).Select(report => report.Evaluation!).ToArray();
        var (best, since, expected) = (-1.0, 0, 0);
        foreach (var evaluation in evaluations)
        {
            expected++;
            (best, since) = evaluation.EndToEndAp > best ? (evaluation.EndToEndAp!.Value, 0) : (best, since + 1);
            Assert.Equal(since == 2, evaluation.StopsEarly);
        }
        Assert.InRange(expected, 3, 7);
        Assert.Equal(2, since);
        Assert.Equal(StepsPerEpoch * expected, Steps(model));
        if (!folder)
            return;
        Assert.True(TrainingProgress.ReadLog(_folder[TrainingProgress.LogFileName])[^1].Evaluation!.StopsEarly);
        Assert.Equal(Steps(model), Steps(Train(training with { Resume = true }, [])));
        // With more patience it goes on.
        Assert.InRange(Steps(Train(training with { Resume = true, Patience = 3 }, [])), Steps(model) + StepsPerEpoch, StepsPerEpoch * 8);
    }

    [Fact]
    public void Without_evaluations_there_is_no_best_and_that_is_said_before_the_first_step()
    {
        foreach (var training in (TrainingOptions[])[Training(1) with { ReturnBest = true }, Training(1) with { Patience = 1 }])
        {
            Assert.Contains("give validation images", Assert.Throws<ArgumentException>(
                () => TinyDetector.Trainer(training).Train(new TinyDetector.Squares(Images), TinyDetector.Classes)).Message);
            var truth = TinyDetector.Truth(1);
            var empty = new DetectionDataset { Categories = truth.Categories, Images = [truth.Images[0] with { Objects = [] }], ImageLoader = truth.ImageLoader };
            Assert.Contains("with objects", Assert.Throws<ArgumentException>(
                () => TinyDetector.Trainer(training).Train(new TinyDetector.Squares(Images), TinyDetector.Classes, empty)).Message);
            Assert.Contains("EvaluateEvery must be at least 1 with", Assert.Throws<ArgumentOutOfRangeException>((training with { EvaluateEvery = 0 }).Validate).Message);
        }
    }

    [Fact]
    public void A_best_epoch_that_was_deleted_is_named()
    {
        var training = Training(1) with { ReturnBest = true, OutputFolder = _folder.Path, Resume = true };
        Train(training, []);
        var best = _folder[TrainingOptions.BestFileName];
        File.Delete(best);
        Assert.Contains(best, Assert.Throws<FileNotFoundException>(() => Train(training, [])).Message);
    }

    private static TrainingOptions Training(int epochs) => TinyDetector.Training with { Schedule = new() { Epochs = epochs, DecayEpochs = [], WarmUpSteps = 0 } };

    private static DetectorModel Train(TrainingOptions training, List<TrainingProgress> reports) => TinyDetector.Trainer(training).Train(
        new TinyDetector.Squares(Images), TinyDetector.Classes, TinyDetector.Truth(Images), progress: new Callback(reports.Add));

    /// <summary>Optimizer steps that a detector has gone through.</summary>
    private static int Steps(DetectorModel model) => (int)model.Weights["backbone.stem.norm.num_batches_tracked"].ToSingles()[0];

    private sealed class Callback(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
