using System.Diagnostics;
using System.Globalization;
using Pss.Engine.Assignment;
using Pss.Engine.Data.Augmentation;
using Pss.Engine.Data.Formats;
using Pss.Engine.Inference;
using Pss.Engine.Training;
using Pss.Engine.Weights;

namespace Pss.Benchmarks;

/// <summary>
/// The recipe that DetectObjectsPss takes by itself, on blood cells (BCCD): `bccd FOLDER [--side 240] [--seed 0] [--epochs N] [--batch N] [--rate R] [--start pretrained|scratch|DETECTOR]
/// [--schedule steps|cosine] [--ema DECAY] [--augment none|color|scale|affine|mosaic|mixup|jitter|small] [--alpha A] [--candidates positives|positivesOnLevel|centerRegion] [--selector-rate FACTOR] [--half-size SHARE]
/// [--clip NORM] [--precision float32|bfloat16] [--output OUTPUT]`. From a trained detector only the selector is trained. FOLDER holds train.json, val.json and images/; with an output folder a run that was stopped goes on.
/// </summary>
internal static class BccdBenchmark
{
    private const int ReportEvery = 26;
    private static readonly string[] Names = ["--side", "--seed", "--epochs", "--batch", "--rate", "--start", "--schedule", "--ema", "--augment", "--alpha", "--selector-rate", "--candidates", "--half-size", "--clip", "--precision", "--output"];

    public static void Run(string[] arguments)
    {
        if (arguments.Length % 2 == 0 || arguments.Skip(1).Where((_, i) => i % 2 == 0).Except(Names).Any())
            throw new ArgumentException($"Name the folder of BCCD, then any of {string.Join(" ", Names)} with a value.");
        var values = arguments.Skip(1).Chunk(2).ToDictionary(pair => pair[0], pair => pair[1]);
        var train = CocoReader.Read(Path.Combine(arguments[0], "train.json"));
        var validation = CocoReader.Read(Path.Combine(arguments[0], "val.json"));
        var weights = values.GetValueOrDefault("--start", "pretrained") switch
        {
            "scratch" => null,
            "pretrained" => WeightFile.FindPretrained(),
            var detector => DetectorModel.Load(detector).WeightsFor([.. train.Categories.Select(category => category.Name)], out _),
        };
        var recipe = weights is null
            ? TrainingRecipe.FromScratch(train.Categories.Count, train.Images.Count)
            : TrainingRecipe.Pretrained(train.Categories.Count, train.Images.Count);
        recipe = values.ContainsKey("--side") ? recipe.WithImageSize(Number("--side", 0)) : recipe.WithSizeFor(train);
        recipe = recipe.WithLocalMaximaFor(train);
        var epochs = Number("--epochs", recipe.Training.Schedule.Epochs);
        recipe = recipe.WithEpochs(epochs);
        var halfSize = SelectorOnly() ? 0 : recipe.Augmentation.HalfSizeShare;
        if (values.TryGetValue("--augment", out var augmentation))
            recipe = recipe with { Augmentation = AugmentationBenchmark.Augmentation(augmentation, recipe.Augmentation.Sizes, epochs) };
        recipe = recipe with { Augmentation = recipe.Augmentation with { HalfSizeShare = Real("--half-size", halfSize) } };
        if (values.ContainsKey("--alpha"))
            recipe = recipe with { Detector = recipe.Detector with { Matching = recipe.Detector.Matching with { Alpha = Real("--alpha", 0) } } };
        if (values.TryGetValue("--candidates", out var candidates))
            recipe = recipe with { Detector = recipe.Detector with { Matching = recipe.Detector.Matching with { Candidates = Enum.Parse<MatchCandidates>(candidates, ignoreCase: true) } } };
        var training = recipe.Training with
        {
            Schedule = values.GetValueOrDefault("--schedule") == "cosine"
                ? LearningRateSchedule.Cosine(epochs) with { WarmUpSteps = recipe.Training.Schedule.WarmUpSteps, WarmUpRatio = recipe.Training.Schedule.WarmUpRatio }
                : recipe.Training.Schedule,
            EmaDecay = Real("--ema", recipe.Training.EmaDecay),
            EmaWarmUpSteps = 100,
            Seed = Number("--seed", 0),
            BatchSize = Number("--batch", recipe.Training.BatchSize),
            NominalBatch = Number("--batch", recipe.Training.BatchSize),
            ReferenceBatch = Number("--batch", recipe.Training.BatchSize),
            SelectorRateFactor = Real("--selector-rate", recipe.Training.SelectorRateFactor),
            SelectorOnly = SelectorOnly(),
            LearningRate = Real("--rate", recipe.Training.LearningRate),
            GradientClip = Real("--clip", recipe.Training.GradientClip),
            Precision = values.TryGetValue("--precision", out var precision) ? Enum.Parse<Precision>(precision, ignoreCase: true) : recipe.Training.Precision,
            OutputFolder = values.GetValueOrDefault("--output"),
            Resume = true,
        };
        Console.WriteLine($"{(weights is null ? "random weights" : "pretrained")}, {recipe.Resize}, {training.Schedule.Epochs} epochs, batch {training.BatchSize}, seed {training.Seed}");
        var start = Stopwatch.StartNew();
        var model = new DetectorTrainer(recipe.Detector, training, recipe.Augmentation, recipe.Resize).Train(train, start: weights, progress: new Print());
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"trained in {start.Elapsed.TotalMinutes:F1} minutes"));
        var result = DetectorEvaluation.Run(model, validation);
        Summary("end to end, no NMS", result.EndToEnd!.Summary);
        Summary("one to many, NMS 0.6", result.OneToMany.Summary);
        if (model.Options.Selector is { LocalMaxima: true } selector)
            Summary("end to end, not only local maxima", DetectorEvaluation.Run(model with { Options = model.Options with { Selector = selector with { LocalMaxima = false } } }, validation).EndToEnd!.Summary);

        bool SelectorOnly() => File.Exists(values.GetValueOrDefault("--start"));
        double Real(string name, double otherwise) => values.TryGetValue(name, out var text) ? double.Parse(text, CultureInfo.InvariantCulture) : otherwise;
        int Number(string name, int otherwise) => values.TryGetValue(name, out var text) ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
    }

    public static void Summary(string what, Pss.Engine.Evaluation.CocoSummary s)
        => Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{what}: AP {s.AP:F3}, AP50 {s.AP50:F3}, AP75 {s.AP75:F3}, small/medium/large {s.APSmall:F3}/{s.APMedium:F3}/{s.APLarge:F3}, AR100 {s.AR100:F3}"));

    private sealed class Print : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Step % ReportEvery == 0)
            {
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"epoch {value.Epoch} step {value.Step}/{value.Steps} lr {value.LearningRate:G3} {value.ImagesPerSecond:F1} images/s left {value.TimeLeft:hh\\:mm\\:ss} {string.Join(" ", value.Losses.Select(loss => $"{loss.Key} {loss.Value:F3}"))}"));
            }
        }
    }
}
