using System.Globalization;
using Pss.Engine.Backbones;
using Pss.Engine.Data.Images;
using Pss.Engine.Data.Scenes;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using Pss.Engine.Training;

namespace Pss.Benchmarks;

/// <summary>
/// Small trainings on generated scenes of crowds, with and without NMS. All shapes are one class: what is compared is which location detects an
/// object, and telling the shapes apart would take most of so short a training.
/// </summary>
internal static class SceneBenchmarks
{
    private const int Images = 300;
    private const int Held = 150;
    private const int FirstHeld = 1_000_000;
    private static readonly Resize Size = Resize.Letterbox(128, 96);
    private static readonly SceneOptions Scenes = new() { Width = 128, Height = 96, MinSize = 16, MaxSize = 60, MaxObjects = 6, OneClass = true };

    private static readonly DetectorOptions Usual = DetectorOptions.FcosPss(1) with
    {
        Backbone = ResNetOptions.ResNet18.FromScratch() with { Width = 16 },
        Pyramid = new() { Channels = 32 },
        Head = new() { Convolutions = 2, Groups = 8 },
        Selector = new() { Groups = 8 },
    };

    /// <summary>Crowds of one class that overlap up to IoU 0.8, with and without NMS. `crowds [SEEDS] [EPOCHS]`.</summary>
    public static void Crowds(string[] arguments)
    {
        var (seeds, epochs) = (Setup.Number(arguments, 0, 3), Setup.Number(arguments, 1, 40));
        var crowded = Scenes with { CrowdProbability = 1, MinOverlap = 0.5, MaxOverlap = 0.8, MaxObjects = 8 };
        var runs = Enumerable.Range(0, seeds).Select(seed => Train(Usual, crowded, epochs, seed)).ToArray();
        Console.WriteLine($"crowded scenes, {epochs} epochs, {seeds} seeds, mean (least - most)");
        Console.WriteLine($"end to end, no NMS:  AP {Spread(runs.Select(run => run.EndToEnd!.Summary.AP))}, AR100 {Spread(runs.Select(run => run.EndToEnd!.Summary.AR100))}");
        Console.WriteLine($"one to many, NMS 0.6: AP {Spread(runs.Select(run => run.OneToMany.Summary.AP))}, AR100 {Spread(runs.Select(run => run.OneToMany.Summary.AR100))}");
    }

    private static DetectorEvaluation Train(DetectorOptions detector, SceneOptions options, int epochs, int seed)
    {
        var generator = new SceneGenerator(options, seed: 1);
        var training = new TrainingOptions
        {
            Schedule = LearningRateSchedule.Steps(epochs, 0.75, 0.92) with { WarmUpSteps = 50 },
            BatchSize = 8,
            NominalBatch = 8,
            ReferenceBatch = 8,
            LearningRate = 0.04,
            Seed = seed,
            EvaluateEvery = 0,
        };
        var model = new DetectorTrainer(detector, training, new() { Sizes = [Size] }, Size).Train(generator.Dataset(0, Images));
        return DetectorEvaluation.Run(model, generator.Dataset(FirstHeld, Held));
    }

    private static string Spread(IEnumerable<double> values)
    {
        var all = values.ToArray();
        return string.Create(CultureInfo.InvariantCulture, $"{all.Average():F3} ({all.Min():F3} - {all.Max():F3})");
    }
}
