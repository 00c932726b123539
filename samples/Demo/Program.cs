// Generates scenes, trains a small FCOS_PSS on them, evaluates it with and without NMS, and writes a report with pictures.
// Demo [EPOCHS] [IMAGES] [OUTPUT FOLDER]
using System.Diagnostics;
using System.Globalization;
using Pss.Engine.Backbones;
using Pss.Engine.Data.Augmentation;
using Pss.Engine.Data.Images;
using Pss.Engine.Data.Scenes;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using Pss.Engine.Reports;
using Pss.Engine.Training;

var epochs = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 24;
var images = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 400;
var folder = Path.GetFullPath(args.Length > 2 ? args[2] : "demo-output");

var scenes = new SceneGenerator(new() { Width = 192, Height = 144, MinSize = 20, MaxSize = 90, MaxObjects = 6, OneClass = true }, seed: 1);
var training = scenes.Dataset(first: 0, images);
var validation = scenes.Dataset(first: 1_000_000, count: 100);

var size = Resize.Letterbox(192, 144);
var detector = DetectorOptions.FcosPss(training.Categories.Count) with
{
    Backbone = ResNetOptions.ResNet18.FromScratch() with { Width = 24 },
    Pyramid = new() { Channels = 64 },
    Head = new() { Convolutions = 2, Groups = 16 },
    Selector = new() { Groups = 16 },
};
var augmentation = new AugmentationOptions { Sizes = [size] };
var options = new TrainingOptions
{
    Schedule = LearningRateSchedule.Steps(epochs, 0.75, 0.92) with { WarmUpSteps = 50 },
    BatchSize = 8,
    NominalBatch = 8,
    ReferenceBatch = 8,
    LearningRate = 0.04,
    EvaluateEvery = Math.Max(1, epochs / 6),
    OutputFolder = folder,
};
Console.WriteLine($"Training on {images} scenes, {epochs} epochs.");
var started = Stopwatch.GetTimestamp();
var model = new DetectorTrainer(detector, options, augmentation, size).Train(training, validation, progress: new Progress());
var duration = Stopwatch.GetElapsedTime(started);
model.Save(Path.Combine(folder, "detector.safetensors"));

var evaluation = DetectorEvaluation.Run(model, validation);
var report = Path.Combine(folder, "report.html");
new DetectorReport
{
    Title = "FCOS_PSS on scenes",
    Model = model,
    Truth = validation,
    Evaluation = evaluation,
    Log = TrainingProgress.ReadLog(Path.Combine(folder, TrainingProgress.LogFileName)),
    Settings = DetectorReport.TrainingSettings(options, augmentation),
    Date = DateTimeOffset.UtcNow,
    TrainingDuration = duration,
}.Save(report);
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"AP end to end, no NMS:  {evaluation.EndToEnd!.Summary.AP:F3}"));
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"AP one to many, NMS:    {evaluation.OneToMany.Summary.AP:F3}"));
Console.WriteLine($"Report with pictures:   {report}");

internal sealed class Progress : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value)
    {
        if (value.Evaluation is { } ap)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"epoch {value.Epoch + 1}/{value.Epochs}: loss {value.Losses["total"]:F3}, AP {ap.EndToEndAp:F3} end to end, {ap.OneToManyAp:F3} with NMS, {value.ImagesPerSecond:F0} images/s, {value.TimeLeft:mm\\:ss} left"));
        }
    }
}
