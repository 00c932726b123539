// Trains on a COCO dataset, evaluates on another between epochs and at the end, and writes detector.safetensors and, for ONNX Runtime, detector.onnx.
// TrainOnCoco TRAIN.json VALIDATION.json FOLDER [--small]
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using Pss.Engine.Data.Images;
using Pss.Engine.Evaluation;
using Pss.MLNet;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args.Length < 3)
{
    Console.Error.WriteLine("TrainOnCoco TRAIN.json VALIDATION.json FOLDER [--small]");
    return 2;
}
var (small, folder) = (args.Contains("--small"), Directory.CreateDirectory(args[2]).FullName);
var mlContext = new MLContext(seed: 1);
mlContext.Log += (_, message) => Console.Write(message is { Source: "DetectObjectsPss", Kind: ChannelMessageKind.Info } ? message.RawMessage + "\n" : "");
var train = mlContext.Data.LoadFromCoco(args[0]);
var validation = mlContext.Data.LoadFromCoco(args[1]);
var detection = mlContext.ObjectDetection();
var options = new PssDetectionOptions
{
    Epochs = small ? 1 : null, // null: about 2,000 steps of 8 images
    Resize = small ? Resize.Letterbox(96, 96) : Resize.Letterbox(320, 320), // one fixed size
    ScoreThreshold = 0, // for the evaluation: a threshold lowers recall and AP
    Detector = small ? detector => detector with { Backbone = detector.Backbone with { Width = 8 } } : null,
    Training = training => training with
    {
        LearningRate = 0.02,
        EvaluateEvery = small ? 1 : 10,
        OutputFolder = folder,
        Resume = true, // continues a training that was stopped
    },
    Validation = validation,
};
using var model = detection.DetectObjectsPss(options).Fit(train);
model.SaveDetector(Path.Combine(folder, "detector.safetensors"));
model.ExportToOnnx(Path.Combine(folder, "detector.onnx"));

var metrics = detection.Evaluate(model.Transform(validation), options);
Console.WriteLine(string.Join("  ", CocoSummary.Names.Zip(metrics.Summary.ToArray(), (name, value) => $"{name} {value:f3}")));
foreach (var category in metrics.Categories)
    Console.WriteLine($"{category.Category.Name,-20} AP {category.Summary.AP:f3}  AP50 {category.Summary.AP50:f3}");
return 0;
