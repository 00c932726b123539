// Trains a detector of blood cells on 80 images, starting from ImageNet weights; evaluates it on 20 others with and without NMS, saves it with ML.NET's own
// Model.Save, loads it again, detects, and writes a report with pictures.
// Demo [OUTPUT FOLDER] [EPOCHS]
using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using Pss.Engine.Data;
using Pss.Engine.Data.Formats;
using Pss.Engine.Inference;
using Pss.Engine.Reports;
using Pss.Engine.Training;
using Pss.MLNet;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var epochs = 16;
if (args is ["" or ['-', ..], ..] or [_, _, _, ..] || File.Exists(args.FirstOrDefault())
    || (args.Length > 1 && !(int.TryParse(args[1], NumberStyles.None, CultureInfo.InvariantCulture, out epochs) && epochs is > 0 and <= 1000)))
{
    Console.Error.WriteLine("Demo [OUTPUT FOLDER] [EPOCHS]: the folder is made if it is not there, and the epochs are from 1 to 1000.");
    return 2;
}
var folder = Directory.CreateDirectory(args.Length > 0 ? args[0] : "demo-output").FullName;
var cells = Path.Combine(AppContext.BaseDirectory, "blood-cells");

var mlContext = new MLContext(seed: 1);
mlContext.Log += (_, message) => Console.Write(message is { Source: "DetectObjectsPss", Kind: ChannelMessageKind.Info } ? message.RawMessage + "\n" : "");
var train = mlContext.Data.LoadFromCoco(Path.Combine(cells, "train.json"));
var test = mlContext.Data.LoadFromCoco(Path.Combine(cells, "val.json"));
var options = new PssDetectionOptions
{
    ImageColumnName = "ImagePath",
    Epochs = epochs,
    ScoreThreshold = 0, // for the evaluation: a threshold lowers recall and AP
    Training = training => training with { OutputFolder = folder },
};
var detection = mlContext.ObjectDetection();
var started = Stopwatch.GetTimestamp();
using var model = detection.DetectObjectsPss(options).Fit(train);
var duration = Stopwatch.GetElapsedTime(started);
Console.WriteLine($"Trained in {duration:mm\\:ss}. On 20 images that it has not seen:");

foreach (var (mode, name) in new[] { (DetectionMode.EndToEnd, "end to end, no NMS: "), (DetectionMode.OneToMany, "one to many, NMS:   ") })
{
    var scored = options with { Inference = new() { PostProcessing = new() { Mode = mode } } };
    using var scorer = detection.LoadPssDetector(model.Model, scored).Fit(test);
    var metrics = detection.Evaluate(scorer.Transform(test), scored).Summary;
    Console.WriteLine($"  {name} AP {metrics.AP:f3}, AP50 {metrics.AP50:f3}");
}

var pipeline = detection.LoadPssDetector(model.Model, options with { ScoreThreshold = 0.3f })
    .Append(mlContext.Transforms.Conversion.MapKeyToValue("Class", "PredictedLabel"));
var file = Path.Combine(folder, "model.zip");
mlContext.Model.Save(pipeline.Fit(train), train.Schema, file);
var loaded = new MLContext().Model.Load(file, out _); // plain ML.NET, as in another program
using var engine = mlContext.Model.CreatePredictionEngine<Picture, Found>(loaded);
var picture = Directory.GetFiles(Path.Combine(cells, "images")).Order(StringComparer.Ordinal).Last();
var found = engine.Predict(new() { ImagePath = picture });
Console.WriteLine($"{file} finds in {Path.GetFileName(picture)}: {string.Join(", ", found.Class.CountBy(name => name).Select(count => $"{count.Value} {count.Key}"))}");

var report = Path.Combine(folder, "report.html");
var truth = DetectionDataset.Load(Path.Combine(cells, "val.json"));
new DetectorReport
{
    Title = "Blood cells",
    Model = model.Model,
    Truth = truth,
    Evaluation = DetectorEvaluation.Run(model.Model, truth),
    Log = TrainingProgress.ReadLog(Path.Combine(folder, TrainingProgress.LogFileName)),
    Date = DateTimeOffset.UtcNow,
    TrainingDuration = duration,
}.Save(report);
Console.WriteLine($"Report with pictures: {report}");
return 0;

internal sealed class Picture
{
    public string ImagePath { get; set; } = "";
}

internal sealed class Found
{
    public string[] Class { get; set; } = [];
}
