// Trains on a COCO dataset, evaluates on another between epochs and at the end, and writes detector.safetensors and, for ONNX Runtime, detector.onnx.
// TrainOnCoco TRAIN.json VALIDATION.json FOLDER [--small]
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using Pss.Engine.Backbones;
using Pss.Engine.Data.Images;
using Pss.Engine.Detectors;
using Pss.Engine.Evaluation;
using Pss.Engine.Training;
using Pss.MLNet;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args.Length < 3)
{
    Console.Error.WriteLine("TrainOnCoco TRAIN.json VALIDATION.json FOLDER [--small]");
    return 2;
}
var (small, folder) = (args.Contains("--small"), Directory.CreateDirectory(args[2]).FullName);
var size = small ? Resize.Letterbox(96, 96) : Resize.Letterbox(320, 320);
var mlContext = new MLContext(seed: 1);
mlContext.Log += (_, message) => Console.Write(message is { Source: "DetectObjectsPss", Kind: ChannelMessageKind.Info } ? message.RawMessage + "\n" : "");
var train = mlContext.Data.LoadFromCoco(args[0]);
var validation = mlContext.Data.LoadFromCoco(args[1]);
var options = new PssDetectionOptions
{
    Detector = classes => DetectorOptions.FcosPss(classes) with { Backbone = ResNetOptions.ResNet18.FromScratch() with { Width = small ? 8 : 64 } },
    Training = new()
    {
        Schedule = LearningRateSchedule.Steps(small ? 1 : 76, 0.75, 0.92),
        BatchSize = 8,
        NominalBatch = 8,
        LearningRate = 0.04,
        EvaluateEvery = small ? 1 : 10,
        OutputFolder = folder,
        Resume = true, // stopped and started again, it goes on where it was
    },
    Augmentation = new() { Sizes = [size] },
    Resize = size,
    Validation = validation,
    Context = mlContext,
};
using var model = mlContext.Transforms.DetectObjectsPss(options).Fit(train);
model.SaveDetector(Path.Combine(folder, "detector.safetensors"));
model.ExportToOnnx(Path.Combine(folder, "detector.onnx"));

var metrics = mlContext.EvaluateDetections(model.Transform(validation), options);
Console.WriteLine(string.Join("  ", CocoSummary.Names.Zip(metrics.Summary.ToArray(), (name, value) => $"{name} {value:f3}")));
foreach (var category in metrics.Categories)
    Console.WriteLine($"{category.Category.Name,-20} AP {category.Summary.AP:f3}  AP50 {category.Summary.AP50:f3}");
return 0;
