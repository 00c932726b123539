// Trains a small detector on generated scenes, evaluates it on others, saves it with ML.NET's own Model.Save, loads it again and detects.
// Quickstart [FOLDER] [--small]
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using Pss.Engine.Data.Images;
using Pss.Engine.Data.Scenes;
using Pss.MLNet;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var small = args.Contains("--small");
var folder = Directory.CreateDirectory(args.FirstOrDefault(arg => arg != "--small") ?? "quickstart-output").FullName;
var scenes = new SceneGenerator(new() { Width = 160, Height = 128, MinSize = 36, MaxSize = 90, MaxObjects = 3, OneClass = true, CrowdProbability = 0 }, seed: 1);
var (train, test) = (Path.Combine(folder, "train"), Path.Combine(folder, "test"));
if (!Directory.Exists(test))
{
    scenes.Save(train, 0, small ? 8 : 400);
    scenes.Save(test, 1_000_000, small ? 4 : 60);
}

var mlContext = new MLContext(seed: 1);
mlContext.Log += (_, message) => Console.Write(message is { Source: "DetectObjectsPss", Kind: ChannelMessageKind.Info } ? message.RawMessage + "\n" : "");
var data = mlContext.Data.LoadFromCoco(Path.Combine(train, "annotations.json"));
var options = new PssDetectionOptions
{
    ImageColumnName = "ImagePath",
    Resize = Resize.Letterbox(160, 128),
    Epochs = small ? 1 : 30,
    ScoreThreshold = 0, // for the evaluation: a threshold lowers recall and AP
    // A smaller network than the default's, which trains in two minutes.
    Detector = detector => detector with
    {
        Backbone = detector.Backbone with { Width = 16 },
        Pyramid = new() { Channels = 64 },
        Head = new() { Convolutions = 2, Groups = 16 },
        Selector = detector.Selector! with { Groups = 16 },
    },
    Training = training => training with { LearningRate = 0.04 },
};
var detection = mlContext.ObjectDetection();
using var detector = detection.DetectObjectsPss(options).Fit(data);
var metrics = detection.Evaluate(detector.Transform(mlContext.Data.LoadFromCoco(Path.Combine(test, "annotations.json"))), options).Summary;
Console.WriteLine($"On scenes that it has not seen, without NMS: AP {metrics.AP:f3}, AP50 {metrics.AP50:f3}");

var pipeline = detection.LoadPssDetector(detector.Model, options with { ScoreThreshold = small ? 0 : 0.3f, Inference = new() { PostProcessing = new() { MaxDetections = 5 } } })
    .Append(mlContext.Transforms.Conversion.MapKeyToValue("Class", "PredictedLabel"));
mlContext.Model.Save(pipeline.Fit(data), data.Schema, Path.Combine(folder, "model.zip"));

var loaded = new MLContext().Model.Load(Path.Combine(folder, "model.zip"), out _);
using var engine = mlContext.Model.CreatePredictionEngine<Picture, Found>(loaded);
foreach (var file in Directory.GetFiles(Path.Combine(test, "images")).Order(StringComparer.Ordinal).Take(3))
{
    var found = engine.Predict(new() { ImagePath = file });
    Console.WriteLine($"{Path.GetFileName(file)}:");
    for (var i = 0; i < found.Class.Length; i++)
        Console.WriteLine($"  {found.Class[i]} {found.Score[i]:f2} at {string.Join(", ", found.PredictedBoundingBoxes[(4 * i)..(4 * i + 4)].Select(x => (int)x))}");
}

internal sealed class Picture
{
    public string ImagePath { get; set; } = "";
}

internal sealed class Found
{
    public string[] Class { get; set; } = [];

    public float[] PredictedBoundingBoxes { get; set; } = [];

    public float[] Score { get; set; } = [];
}
