using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Pss.Engine.Data;
using Pss.Engine.Data.Scenes;
using Pss.Engine.Inference;
using Pss.Engine.Training;
using Pss.Engine.Weights;

namespace Pss.Benchmarks.Paper;

/// <summary>One training of a row: 12 epochs with the paper's steps down, evaluated after each of them. A run that was stopped goes on from its last epoch.</summary>
/// <param name="network">The size of networks and scenes.</param>
/// <param name="settings">Steps, held-out scenes and folder.</param>
internal sealed class PaperTraining(PaperNetwork network, PaperSettings settings)
{
    /// <summary>Passes over the training scenes.</summary>
    public const int Epochs = 12;

    /// <summary>Passes of the second of two steps: a third, as the paper's 12 epochs after 36.</summary>
    private const int SecondEpochs = Epochs / 3;

    private const int Batch = 8;
    private const int FirstHeld = 1_000_000;

    private readonly SceneGenerator _generator = new(network.Scenes, seed: 1);

    /// <summary>Scenes trained on.</summary>
    public int Images => Math.Max(Batch, settings.Steps / Epochs * Batch);

    /// <summary>The held-out scenes.</summary>
    public DetectionDataset Held => _generator.Dataset(FirstHeld, settings.Held);

    /// <summary>Names what a row trains: rows that train the same have the same key.</summary>
    public string Key(PaperRow row)
    {
        var what = OptionsJson.Write(row.Options) + OptionsJson.Write(network.Scenes) + OptionsJson.Write(Options(row.TwoSteps))
            + FormattableString.Invariant($"{Images} {settings.Held}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(what)))[..12];
    }

    /// <summary>The run that a row needs before its own; null where it needs none.</summary>
    public static PaperRow? First(PaperRow row) => row.TwoSteps
        ? row with { What = "base", Detector = row.Options.Kind, Options = row.Options with { Selector = null }, TwoSteps = false }
        : null;

    /// <summary>The folder of a run: its log, checkpoint and best detector.</summary>
    public string FolderOf(PaperRow row, int seed) => Path.Combine(settings.Folder, "runs", FormattableString.Invariant($"{Key(row)}-{seed}"));

    /// <summary>Trains, and returns the last evaluation.</summary>
    public PaperResult Run(PaperRow row, int seed)
    {
        var start = Stopwatch.StartNew();
        var folder = FolderOf(row, seed);
        var training = Options(row.TwoSteps) with { Seed = seed, OutputFolder = folder, Resume = true };
        var first = First(row) is { } earlier ? BaseWeights(FolderOf(earlier, seed)) : null;
        new DetectorTrainer(row.Options, training, new() { Sizes = [network.Size] }, network.Size).Train(_generator.Dataset(0, Images), Held, first);
        var last = TrainingProgress.ReadLog(Path.Combine(folder, TrainingProgress.LogFileName))[^1].Evaluation!;
        return new(Key(row), $"{row.Detector}, {row.What}", seed, last.EndToEndAp, last.EndToEndAr, last.OneToManyAp, last.OneToManyAr!.Value, start.Elapsed.TotalMinutes);
    }

    private TrainingOptions Options(bool secondStep) => new()
    {
        Schedule = LearningRateSchedule.Steps(secondStep ? SecondEpochs : Epochs, 0.75, 0.92) with { WarmUpSteps = settings.Steps / 20 },
        BatchSize = Batch,
        NominalBatch = Batch,
        ReferenceBatch = Batch,
        LearningRate = 0.04,
        SelectorOnly = secondStep,
        Workers = 1,
        Device = "cpu",
    };

    private static WeightFile BaseWeights(string folder)
    {
        var path = Path.Combine(folder, TrainingCheckpoint.FileName);
        return File.Exists(path) ? DetectorModel.Load(path).Weights
            : throw new FileNotFoundException($"{path} is missing: the base detector is trained first. Remove its line from the results and start again.", path);
    }
}
