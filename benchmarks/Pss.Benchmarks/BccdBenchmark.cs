using System.Diagnostics;
using System.Globalization;
using Pss.Engine.Data.Formats;
using Pss.Engine.Data.Loading;
using Pss.Engine.Inference;
using Pss.Engine.Training;

namespace Pss.Benchmarks;

/// <summary>
/// FCOS_PSS on BCCD from scratch with the budget of torchvision's FCOS: ResNet-18, 320 x 240, batch 8, 76 epochs, flips, the same
/// schedule. `bccd FOLDER [EPOCHS] [SEED] [OUTPUT]`; FOLDER holds train.json, val.json and images/.
/// </summary>
internal static class BccdBenchmark
{
    public static void Run(string[] arguments)
    {
        if (arguments.Length == 0)
            throw new ArgumentException("Name the folder of BCCD: dotnet run -c Release --project benchmarks/Pss.Benchmarks -- bccd FOLDER [EPOCHS] [SEED] [OUTPUT]");
        var epochs = Setup.Number(arguments, 1, 76);
        var train = CocoReader.Read(Path.Combine(arguments[0], "train.json"));
        var validation = CocoReader.Read(Path.Combine(arguments[0], "val.json"));
        var recipe = TrainingRecipe.FromScratch(train.Categories.Count, train.Images.Count);
        var training = recipe.Training with
        {
            Schedule = LearningRateSchedule.Steps(epochs, 0.8, 0.93) with { WarmUpSteps = 100, WarmUpRatio = 0.001 },
            Seed = Setup.Number(arguments, 2, 0),
            EvaluateEvery = 0,
            OutputFolder = arguments.Length > 3 ? arguments[3] : null,
            Resume = true,
        };
        var augmentation = recipe.Augmentation with { VerticalFlip = 0.5 };
        var start = Stopwatch.StartNew();
        var model = new DetectorTrainer(recipe.Detector, training, augmentation, recipe.Resize).Train(train, progress: new Print());
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"trained {epochs} epochs in {start.Elapsed.TotalMinutes:F1} minutes"));

        var result = DetectorEvaluation.Run(model, validation);
        Summary("end to end, no NMS", result.EndToEnd!.Summary);
        Summary("one to many, NMS 0.6", result.OneToMany.Summary);
    }

    public static void Summary(string what, Pss.Engine.Evaluation.CocoSummary s)
        => Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{what}: AP {s.AP:F3}, AP50 {s.AP50:F3}, AP75 {s.AP75:F3}, small/medium/large {s.APSmall:F3}/{s.APMedium:F3}/{s.APLarge:F3}, AR100 {s.AR100:F3}"));

    private sealed class Print : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Step % 26 == 0)
            {
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"epoch {value.Epoch} step {value.Step}/{value.Steps} lr {value.LearningRate:G3} {value.ImagesPerSecond:F1} images/s left {value.TimeLeft:hh\\:mm\\:ss} {string.Join(" ", value.Losses.Select(loss => $"{loss.Key} {loss.Value:F3}"))}"));
            }
        }
    }
}
