using System.Diagnostics;
using System.Globalization;
using Pss.Engine.Data.Augmentation;
using Pss.Engine.Data.Images;
using Pss.Engine.Data.Scenes;
using Pss.Engine.Inference;
using Pss.Engine.Training;
using Pss.Engine.Weights;

namespace Pss.Benchmarks;

/// <summary>
/// The recipe for small data on generated scenes, with augmentations and without: `augment [--images 500] [--seeds 3] [--first-seed 0] [--side 120]
/// [--epochs N] [--start pretrained|scratch] [--only none,color,scale,affine,mosaic,mixup,jitter,small]`. Prints the AP of every run, then mean, least and most.
/// </summary>
internal static class AugmentationBenchmark
{
    private const int Held = 200;
    private const int FirstHeld = 1_000_000;
    private static readonly string[] Names = ["--images", "--seeds", "--first-seed", "--side", "--epochs", "--start", "--only"];

    public static void Run(string[] arguments)
    {
        if (arguments.Length % 2 == 1 || arguments.Where((_, i) => i % 2 == 0).Except(Names).Any())
            throw new ArgumentException($"Give any of {string.Join(" ", Names)} with a value.");
        var values = arguments.Chunk(2).ToDictionary(pair => pair[0], pair => pair[1]);
        var (images, side, first) = (Number("--images", 500), Number("--side", 120), Number("--first-seed", 0));
        var scenes = new SceneGenerator(new() { Width = 4 * side / 3, Height = side, MinSize = side / 10, MaxSize = side / 2, MaxObjects = 8 }, seed: 1);
        var weights = values.GetValueOrDefault("--start") == "scratch" ? null : WeightFile.FindPretrained();
        var classes = scenes.Classes.Count;
        var recipe = (weights is null ? TrainingRecipe.FromScratch(classes, images) : TrainingRecipe.Pretrained(classes, images)).WithImageSize(side);
        var epochs = Number("--epochs", recipe.Training.Schedule.Epochs);
        Console.WriteLine($"{images} scenes of {4 * side / 3} x {side}, {(weights is null ? "random weights" : "pretrained")}, {epochs} epochs, {classes} classes");
        foreach (var name in values.GetValueOrDefault("--only", "none,jitter").Split(','))
        {
            var runs = Enumerable.Range(first, Number("--seeds", 3)).Select(seed => Train(name, seed)).ToArray();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name}: AP {runs.Average(s => s.AP):F3} ({runs.Min(s => s.AP):F3} - {runs.Max(s => s.AP):F3}), AP50 {runs.Average(s => s.AP50):F3}"));
        }

        Pss.Engine.Evaluation.CocoSummary Train(string name, int seed)
        {
            var training = recipe.Training with { Schedule = recipe.Training.Schedule.WithEpochs(epochs), Seed = seed, EvaluateEvery = 0 };
            var watch = Stopwatch.StartNew();
            var trainer = new DetectorTrainer(recipe.Detector, training, Augmentation(name, recipe.Augmentation.Sizes, epochs), recipe.Resize);
            var model = trainer.Train(scenes.Dataset(0, images), start: weights);
            var minutes = watch.Elapsed.TotalMinutes;
            var result = DetectorEvaluation.Run(model, scenes.Dataset(FirstHeld, Held)).EndToEnd!.Summary;
            BccdBenchmark.Summary(string.Create(CultureInfo.InvariantCulture, $"{name}, seed {seed}, {minutes:F1} minutes"), result);
            return result;
        }

        int Number(string name, int otherwise) => values.TryGetValue(name, out var text) ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
    }

    /// <summary>The augmentation of a name.</summary>
    public static AugmentationOptions Augmentation(string name, IReadOnlyList<Resize> sizes, int epochs)
    {
        var (none, small) = (new AugmentationOptions { Sizes = sizes }, AugmentationOptions.SmallData(sizes, epochs));
        return name switch
        {
            "none" => none,
            "color" => none with { Brightness = small.Brightness, Contrast = small.Contrast, Saturation = small.Saturation, Hue = small.Hue },
            "scale" => none with { ScaleJitter = small.ScaleJitter, ScaleJitterMinimum = small.ScaleJitterMinimum, ScaleJitterMaximum = small.ScaleJitterMaximum },
            "affine" => none with { Affine = 0.5, CloseEpochs = small.CloseEpochs },
            "mosaic" => none with { Mosaic = small.Mosaic, CloseEpochs = small.CloseEpochs },
            "mixup" => none with { Mixup = 0.5, CloseEpochs = small.CloseEpochs },
            "jitter" => AugmentationOptions.Jitter(sizes),
            "small" => small,
            _ => throw new ArgumentException($"No augmentation is called '{name}'."),
        };
    }
}
