// Trains a small detector on generated scenes, saves it with ML.NET's own Model.Save, loads it again and detects.
// Quickstart [FOLDER] [--small]
using Microsoft.ML;
using Microsoft.ML.Runtime;
using Pss.Engine.Backbones;
using Pss.Engine.Data.Images;
using Pss.Engine.Data.Scenes;
using Pss.Engine.Detectors;
using Pss.Engine.Training;
using Pss.MLNet;

var small = args.Contains("--small");
var folder = Directory.CreateDirectory(args.FirstOrDefault(arg => arg != "--small") ?? "quickstart-output").FullName;
var scenes = Path.Combine(folder, "scenes");
if (!Directory.Exists(scenes))
    new SceneGenerator(new() { Width = 192, Height = 144, MinSize = 14, MaxSize = 80, MaxObjects = 8 }).Save(scenes, 0, small ? 8 : 400);

var mlContext = new MLContext(seed: 1);
mlContext.Log += (_, message) => Console.Write(message is { Source: "DetectObjectsPss", Kind: ChannelMessageKind.Info } ? message.RawMessage + "\n" : "");
var data = mlContext.Data.LoadFromCoco(Path.Combine(scenes, "annotations.json"));
var pipeline = mlContext.Transforms.DetectObjectsPss(new PssDetectionOptions
{
    ImageColumn = "ImagePath",
    Detector = classes => DetectorOptions.FcosPss(classes) with
    {
        Backbone = ResNetOptions.ResNet18.FromScratch() with { Width = 24 },
        Pyramid = new() { Channels = 64 },
        Head = new() { Convolutions = 2, Groups = 16 },
        Selector = new() { Groups = 16 },
    },
    Training = new() { Schedule = LearningRateSchedule.Steps(small ? 1 : 12, 0.75, 0.92) with { WarmUpSteps = 50 }, BatchSize = 8, NominalBatch = 8, LearningRate = 0.04 },
    Augmentation = new() { Sizes = [Resize.Letterbox(192, 144)] },
    Resize = Resize.Letterbox(192, 144),
    Inference = new() { PostProcessing = new() { ScoreThreshold = small ? 0 : 0.3f, MaxDetections = small ? 5 : 100 } },
    Context = mlContext,
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
