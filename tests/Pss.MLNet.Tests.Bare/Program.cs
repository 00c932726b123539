using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;
using Pss.Engine;
using Pss.Engine.Backbones;
using Pss.Engine.Data;
using Pss.Engine.Data.Augmentation;
using Pss.Engine.Data.Images;
using Pss.Engine.Data.Scenes;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using Pss.Engine.Layers;
using Pss.Engine.Onnx;
using Pss.Engine.Training;
using Pss.MLNet;

// Does what it is told and writes a line for each thing: its name, "fine" or the kind of the error, and the error's text.
// Bare torch DETECTOR | fit FOLDER | save DETECTOR MODEL.zip | bfloat16 MODEL.zip | load MODEL.zip | detect MODEL.zip
var scenes = new SceneGenerator(new() { Width = 64, Height = 64, MinSize = 10, MaxSize = 40, MaxObjects = 3, OneClass = true });
var decoded = 0;
var drawn = scenes.Dataset(0, 4);
var dataset = new DetectionDataset
{
    Categories = drawn.Categories,
    Images = drawn.Images,
    ImageLoader = (image, decoding) =>
    {
        decoded++;
        return drawn.LoadImage(image, decoding);
    },
};
var context = new MLContext(1);
var view = context.Data.LoadFromDataset(dataset);
var tiny = DetectorOptions.FcosPss(dataset.Categories.Count) with
{
    Backbone = ResNetOptions.ResNet18.FromScratch() with { Width = 8 },
    Pyramid = new() { Channels = 32 },
    Head = new() { Convolutions = 1, Groups = 8 },
    Selector = new() { HiddenConvolutions = 1, Groups = 8 },
};
var options = new PssDetectionOptions
{
    Epochs = 1,
    Detector = _ => tiny,
    Training = training => training with { BatchSize = 4, NominalBatch = 4, Device = "cpu" },
    Resize = Resize.Letterbox(64, 64),
};
switch (args)
{
    case ["torch", var detector]:
        var model = DetectorModel.Load(detector);
        Try("Require", TorchRuntime.Require);
        Try("GpuCount", () => _ = TorchRuntime.GpuCount);
        Try("DenseDetector", () => tiny.Build().Dispose());
        Try("FrozenBatchNorm", () => new FrozenBatchNorm(8).Dispose());
        Try("Build", () => model.Build().Dispose());
        Try("Detector", () => new Detector(model).Dispose());
        Try("Load", () => Detector.Load(detector).Dispose());
        Try("Export", () => OnnxExporter.Export(model with { Resize = Resize.Letterbox(64, 64) }));
        Try("Evaluation", () => DetectorEvaluation.Run(model with { Classes = [.. dataset.Categories.Select(category => category.Name)] }, dataset));
        Try("Train", () => new DetectorTrainer(tiny, options.Training(new() { Schedule = new() { Epochs = 1, DecayEpochs = [] } }), AugmentationOptions.None(options.Resize), options.Resize)
            .Train(dataset));
        Try("Fit", () => context.Transforms.DetectObjectsPss(options).Fit(view));
        Try("Score", () => context.Transforms.LoadPssDetector(detector).Fit(view));
        break;
    case ["fit", var folder]:
        Try("Fit", () => context.Transforms.DetectObjectsPss(options).Fit(view));
        Try("decoded none", () => Check(decoded == 0));
        Try("Fit all the same", () =>
        {
            using var trained = context.Transforms.DetectObjectsPss(options with { RequireSavable = false }).Fit(view);
            trained.SaveDetector(Path.Combine(folder, "trained.safetensors"));
            trained.ExportToOnnx(Path.Combine(folder, "trained.onnx"));
        });
        break;
    case ["save", var file, var zip]:
        Try("Save", () =>
        {
            using var scorer = context.Transforms.LoadPssDetector(file, options).Fit(view);
            context.Model.Save(scorer, view.Schema, zip);
        });
        break;
    case ["bfloat16", var zip]:
        PssDetectionTransformer? half = null;
        Try("Fit", () => half = context.Transforms.DetectObjectsPss(options with { SavedPrecision = Precision.BFloat16 }).Fit(view));
        Try("Save", () => context.Model.Save(half, view.Schema, zip));
        break;
    case ["load", var saved]:
        Try("Load", () => context.Model.Load(saved, out _));
        break;
    case ["detect", var saved]:
        ITransformer? loaded = null;
        Try("Load", () => loaded = context.Model.Load(saved, out _));
        Try("Detect", () => Check(loaded!.Transform(view).GetColumn<float[]>("Score").Count() == dataset.Images.Count));
        break;
}

static void Try(string name, Action action)
{
    try
    {
        action();
        Console.WriteLine($"{name}|fine|");
    }
    catch (Exception error)
    {
        // ML.NET creates what it loads by reflection, which wraps what goes wrong.
        while (error is TargetInvocationException { InnerException: { } inner })
            error = inner;
        Console.WriteLine($"{name}|{error.GetType().Name}|{error.Message.ReplaceLineEndings(" ")}");
    }
}

static void Check(bool holds)
{
    if (!holds)
        throw new InvalidOperationException("it does not hold");
}
