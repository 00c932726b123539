// Draws scenes into a folder, trains on them for one epoch and saves the model: Train FOLDER.
using Microsoft.ML;
using Pss.Engine.Data.Formats;
using Pss.Engine.Data.Images;
using Pss.Engine.Data.Scenes;
using Pss.MLNet;

var folder = args[0];
new SceneGenerator(new() { Width = 96, Height = 64, MinSize = 10, MaxSize = 40, MaxObjects = 5 }).Save(folder, 0, 8);
var mlContext = new MLContext(seed: 1);
var data = mlContext.Data.LoadFromCoco(Path.Combine(folder, "annotations.json"));
var model = mlContext.Transforms.LoadImages("Image", "", "ImagePath").Append(mlContext.ObjectDetection().DetectObjectsPss(new PssDetectionOptions
{
    Epochs = 1,
    Resize = Resize.Letterbox(96, 64),
    ScoreThreshold = 0,
    Detector = detector => detector with
    {
        Backbone = detector.Backbone with { Width = 8 },
        Pyramid = new() { Channels = 16 },
        Head = new() { Convolutions = 1, Groups = 4 },
        Selector = new() { Groups = 4 },
    },
    Training = training => training with { BatchSize = 4, NominalBatch = 4 },
    Inference = new() { PostProcessing = new() { MaxDetections = 5 } },
})).Fit(data);
mlContext.Model.Save(model, data.Schema, Path.Combine(folder, "model.zip"));
var found = mlContext.Data.CreateEnumerable<Found>(model.Transform(data), reuseRowObject: false).First();
Console.WriteLine(string.Join(" ", found.Score.Select(score => score.ToString("f3", System.Globalization.CultureInfo.InvariantCulture))));

internal sealed class Found
{
    public float[] Score { get; set; } = [];
}
