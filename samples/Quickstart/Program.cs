// Trains a small detector on generated scenes, saves it with ML.NET's own Model.Save, loads it again and detects.
// Quickstart [FOLDER] [--small]
using Microsoft.ML;
using Microsoft.ML.Runtime;
using Pss.Engine.Data.Scenes;
using Pss.MLNet;

var small = args.Contains("--small");
var folder = Directory.CreateDirectory(args.FirstOrDefault(arg => arg != "--small") ?? "quickstart-output").FullName;
var scenes = Path.Combine(folder, "scenes");
if (!Directory.Exists(scenes))
    new SceneGenerator(new() { Width = 192, Height = 144, MinSize = 14, MaxSize = 80, MaxObjects = 8 }).Save(scenes, 0, small ? 8 : 400);

var mlContext = new MLContext(seed: 1);
mlContext.Log += (_, message) => Console.Write(message is { Source: "DetectObjectsPss", Kind: ChannelMessageKind.Info } ? message.RawMessage + "\n" : "");
var data = mlContext.Data.LoadFromCoco(Path.Combine(scenes, "annotations.json"));
var pipeline = mlContext.ObjectDetection().DetectObjectsPss(new PssDetectionOptions
{
    ImageColumnName = "ImagePath",
    ImageSize = 144,
    Epochs = small ? 1 : 12,
    ScoreThreshold = small ? 0 : 0.3f,
    // A smaller network than the default's, which trains in a minute.
    Detector = detector => detector with
    {
        Backbone = detector.Backbone with { Width = 24 },
        Pyramid = new() { Channels = 64 },
        Head = new() { Convolutions = 2, Groups = 16 },
        Selector = new() { Groups = 16 },
    },
    Training = training => training with { LearningRate = 0.02 },
    Inference = new() { PostProcessing = new() { MaxDetections = small ? 5 : 100 } },
})
    .Append(mlContext.Transforms.Conversion.MapKeyToValue("Class", "PredictedLabel"));
var model = pipeline.Fit(data);
mlContext.Model.Save(model, data.Schema, Path.Combine(folder, "model.zip"));

var loaded = new MLContext().Model.Load(Path.Combine(folder, "model.zip"), out _);
using var engine = mlContext.Model.CreatePredictionEngine<Picture, Found>(loaded);
var found = engine.Predict(new() { ImagePath = Directory.GetFiles(Path.Combine(scenes, "images")).Order(StringComparer.Ordinal).First() });
for (var i = 0; i < found.Class.Length; i++)
    Console.WriteLine(FormattableString.Invariant($"{found.Class[i]} {found.Score[i]:f2} at {string.Join(", ", found.PredictedBoundingBoxes[(4 * i)..(4 * i + 4)].Select(x => (int)x))}"));

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
