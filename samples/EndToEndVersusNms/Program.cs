// One detector, both of its outputs, on objects that overlap by half and more: end to end without NMS, and one to many with it, which cannot keep both of two
// objects that overlap by more than its threshold. In numbers and in pictures.
// EndToEndVersusNms [FOLDER] [--small]
using System.Globalization;
using Microsoft.ML;
using Pss.Engine.Data.Images;
using Pss.Engine.Data.Scenes;
using Pss.Engine.Inference;
using Pss.Engine.Reports;
using Pss.Engine.Training;
using Pss.MLNet;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var small = args.Contains("--small");
var folder = Directory.CreateDirectory(args.FirstOrDefault(arg => arg != "--small") ?? "versus-output").FullName;
const int held = 1_000_000;
var scenes = new SceneGenerator(
    new() { Width = 160, Height = 128, MinSize = 20, MaxSize = 70, MaxObjects = 8, OneClass = true, CrowdProbability = 1, MinOverlap = 0.5 }, seed: 1);
var truth = scenes.Dataset(held, small ? 4 : 60);
var mlContext = new MLContext(seed: 1);
var train = mlContext.Data.LoadFromDataset(scenes.Dataset(0, small ? 8 : 300));
var test = mlContext.Data.LoadFromDataset(truth);
var detection = mlContext.ObjectDetection();
var options = new PssDetectionOptions
{
    Resize = Resize.Letterbox(160, 128),
    Epochs = small ? 1 : 36,
    ScoreThreshold = 0, // for the evaluation: a threshold lowers recall and AP
    Detector = detector => detector with
    {
        Backbone = detector.Backbone with { Width = 16 },
        Pyramid = new() { Channels = 64 },
        Head = new() { Convolutions = 2, Groups = 16 },
        Selector = detector.Selector! with { Groups = 16 },
    },
    Training = training => training with { LearningRate = 0.04 },
    Progress = new Steps(),
};
using var model = detection.DetectObjectsPss(options).Fit(train);
model.SaveDetector(Path.Combine(folder, "detector.safetensors"));

foreach (var mode in new[] { DetectionMode.EndToEnd, DetectionMode.OneToMany })
{
    var both = options with { Inference = new() { PostProcessing = new() { Mode = mode } } };
    using var scorer = detection.LoadPssDetector(model.Model, both).Fit(test);
    var metrics = detection.Evaluate(scorer.Transform(test), both).Summary;
    Console.WriteLine($"{mode,-10} AP {metrics.AP:f3}  AP50 {metrics.AP50:f3}  AR100 {metrics.AR100:f3}");
}
var report = Path.Combine(folder, "report.html");
new DetectorReport
{
    Title = "End to end and NMS",
    Date = DateTimeOffset.UtcNow,
    Model = model.Model,
    Truth = truth,
    Evaluation = DetectorEvaluation.Run(model.Model, truth),
}.Save(report);
Console.WriteLine($"Pictures: {report}");

internal sealed class Steps : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value) => Console.Write(value.Step == value.Steps ? "\n" : $"\rstep {value.Step} of {value.Steps}, {value.TimeLeft:mm\\:ss} left ");
}
