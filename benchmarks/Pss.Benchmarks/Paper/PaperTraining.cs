using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Pss.Engine.Data;
using Pss.Engine.Data.Scenes;
using Pss.Engine.Inference;
using Pss.Engine.Training;
using Pss.Engine.Weights;

namespace Pss.Benchmarks.Paper;

/// <summary>One training of a row: 12 epochs with the paper's steps down, evaluated after each of them on some scenes, and at the end on all. A run that was
/// stopped goes on from its last epoch.</summary>
/// <param name="network">The size of networks and scenes.</param>
/// <param name="settings">Steps, held-out scenes and folder.</param>
internal sealed class PaperTraining(PaperNetwork network, PaperSettings settings)
{
    /// <summary>Passes over the training scenes.</summary>
    public const int Epochs = 12;

    /// <summary>Images of a step.</summary>
    public const int Batch = 16;

    /// <summary>Passes of the second of two steps: a third, as the paper's 12 epochs after 36.</summary>
    private const int SecondEpochs = Epochs / 3;

    /// <summary>Held-out scenes of the evaluation between epochs.</summary>
    private const int Watched = 100;

    private const int FirstHeld = 1_000_000;
    private const int FirstOfPretraining = 2_000_000;

    private readonly SceneGenerator _generator = new(network.Scenes, seed: 1);
    private readonly SceneGenerator _masked = new(network.Scenes with { Masks = true }, seed: 1);

    /// <summary>Scenes trained on.</summary>
    public int Images => Math.Max(Batch, settings.Steps / Epochs * Batch);

    /// <summary>The held-out scenes.</summary>
    public DetectionDataset Held => _generator.Dataset(FirstHeld, settings.Held);

    /// <summary>The rows to run for some, those that others start from first.</summary>
    public IReadOnlyList<IReadOnlyList<PaperRow>> InOrder(IReadOnlyList<PaperRow> rows)
    {
        var first = rows.Select(Start).OfType<PaperRow>().ToArray();
        var both = rows.Concat(first).ToArray();
        PaperRow[][] waves =
        [
            [PaperTables.Pretraining(network)],
            [.. both.Where(row => row is { TwoSteps: false, Table: > 0 })],
            [.. both.Where(row => row.TwoSteps)],
        ];
        return rows.Count == 0 ? [] : waves;
    }

    /// <summary>Names what a row trains: rows that train the same have the same key.</summary>
    public string Key(PaperRow row)
    {
        var what = OptionsJson.Write(row.Options) + OptionsJson.Write(network.Scenes) + OptionsJson.Write(Options(row))
            + OptionsJson.Write(network.Pretraining) + FormattableString.Invariant($"{Images} {settings.Held}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(what)))[..12];
    }

    /// <summary>The run that a row's weights come from; null where they are drawn.</summary>
    public PaperRow? Start(PaperRow row)
    {
        if (row.Table == 0)
            return null;
        return row.TwoSteps ? row with { What = "base", Detector = row.Options.Kind, Options = row.Options with { Selector = null }, TwoSteps = false }
            : PaperTables.Pretraining(network);
    }

    /// <summary>A file of a run: its log or checkpoint.</summary>
    public string FileOf(PaperRow row, int seed, string name) => Path.Combine(FolderOf(row, seed), name);

    /// <summary>Trains, and returns the last evaluation.</summary>
    public PaperResult Run(PaperRow row, int seed)
    {
        var start = Stopwatch.StartNew();
        var training = Options(row) with { Seed = seed, OutputFolder = FolderOf(row, seed), Resume = true };
        var generator = row.Options.HasMasks ? _masked : _generator;
        var images = row.Table == 0 ? _generator.Dataset(FirstOfPretraining, 2 * Images) : generator.Dataset(0, Images);
        var watched = generator.Dataset(FirstHeld, Math.Min(Watched, settings.Held));
        var model = new DetectorTrainer(row.Options, training, new() { Sizes = [network.Size] }, network.Size).Train(images, watched, StartingWeights(row, seed));
        var last = DetectorEvaluation.Run(model, generator.Dataset(FirstHeld, settings.Held), "cpu");
        return new(
            Key(row), $"{row.Detector}, table {row.Table}, {row.What}", seed, last.EndToEnd?.Summary.AP, last.EndToEnd?.Summary.AR100,
            last.OneToMany.Summary.AP, last.OneToMany.Summary.AR100, start.Elapsed.TotalMinutes)
        {
            EndToEndMaskAp = last.EndToEndMasks?.Summary.AP,
            OneToManyMaskAp = last.OneToManyMasks?.Summary.AP,
        };
    }

    private string FolderOf(PaperRow row, int seed) => Path.Combine(settings.Folder, "runs", FormattableString.Invariant($"{Key(row)}-{seed}"));

    private TrainingOptions Options(PaperRow row) => new()
    {
        Schedule = LearningRateSchedule.Steps(row.TwoSteps ? SecondEpochs : Epochs, 0.75, 0.92) with { WarmUpSteps = settings.Steps / 20 },
        BatchSize = Batch,
        NominalBatch = Batch,
        ReferenceBatch = Batch,
        LearningRate = row.Table == 0 ? 0.04 : 0.02,
        SelectorOnly = row.TwoSteps,
        Workers = 1,
        Device = "cpu",
    };

    /// <summary>Backbone and pyramid of the pretraining, or all weights of the base detector of the same seed; null draws them.</summary>
    private WeightFile? StartingWeights(PaperRow row, int seed)
    {
        if (Start(row) is not { } earlier)
            return null;
        var path = FileOf(earlier, row.TwoSteps ? seed : 0, TrainingOptions.CheckpointFileName);
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path} is missing: other runs start from it. Remove its line from {PaperRuns.FileName} and start again.", path);
        var weights = DetectorModel.Load(path).Weights;
        return row.TwoSteps ? weights : new(weights.Tensors.Where(weight => !weight.Name.StartsWith("head.", StringComparison.Ordinal)));
    }
}
