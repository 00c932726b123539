using Microsoft.ML;
using Microsoft.ML.Data;
using Pss.Engine.Data.Images;
using Pss.Engine.Data.Scenes;
using Pss.Engine.Tests.Data.Images;
using Pss.MLNet;
using SkiaSharp;

namespace DetectionService.Tests;

/// <summary>A small detector, trained for one epoch, in every form that the service takes.</summary>
public sealed class TinyModels : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SceneGenerator _scenes = new(new() { Width = 96, Height = 64, MinSize = 16, MaxSize = 40, MaxObjects = 3 }, seed: 5);

    public TinyModels()
    {
        var mlContext = new MLContext(1);
        var detection = mlContext.ObjectDetection();
        var data = mlContext.Data.LoadFromDataset(_scenes.Dataset(0, 8));
        var options = new PssDetectionOptions
        {
            Epochs = 1,
            Resize = Resize.Letterbox(96, 64),
            ScoreThreshold = 0,
            Inference = new() { Device = "cpu", PostProcessing = new() { MaxDetections = 10 } },
            Detector = detector => detector with
            {
                Backbone = detector.Backbone with { Width = 8 },
                Pyramid = new() { Channels = 32 },
                Head = new() { Convolutions = 1, Groups = 8 },
                Selector = new() { Groups = 8 },
            },
            Training = training => training with { Device = "cpu", Workers = 1 },
        };
        using var trained = detection.DetectObjectsPss(options).Fit(data);
        trained.SaveDetector(Detector);
        mlContext.Model.Save(trained, data.Schema, OfImages);
        var files = detection.LoadPssDetector(trained.Model, options with { ImageColumnName = "ImagePath" })
            .Append(mlContext.Transforms.Conversion.MapKeyToValue("Class", "PredictedLabel"));
        using var saved = files.Fit(data);
        mlContext.Model.Save(saved, data.Schema, OfFiles);
        using var loaded = LoadImages(mlContext, trained.Model, options).Fit(data);
        mlContext.Model.Save(loaded, data.Schema, OfLoadedImages);
        using var labelled = mlContext.Transforms.Conversion.MapValueToKey("Keys", "Names").Append(LoadImages(mlContext, trained.Model, options))
            .Fit(mlContext.Data.LoadFromEnumerable([new NamedPicture { ImagePath = Picture(0, "named.png") }]));
        mlContext.Model.Save(labelled, null, WithLabels);
    }

    /// <summary>A saved model whose input are file names.</summary>
    public string OfFiles => _folder["files.zip"];

    /// <summary>A saved model whose input are images.</summary>
    public string OfImages => _folder["images.zip"];

    /// <summary>A saved model that begins with ML.NET's LoadImages.</summary>
    public string OfLoadedImages => _folder["loaded.zip"];

    /// <summary>A saved model that cannot score without labels.</summary>
    public string WithLabels => _folder["labels.zip"];

    /// <summary>The detector's own file.</summary>
    public string Detector => _folder["detector.safetensors"];

    /// <summary>A scene as a JPEG file.</summary>
    internal byte[] Jpeg(int index) => ImageFiles.Encode(_scenes.Draw(1000 + index), SKEncodedImageFormat.Jpeg);

    /// <summary>Writes a scene as a PNG file.</summary>
    internal string Picture(int index, string name) => _folder.Write(name, ImageFiles.Encode(_scenes.Draw(1000 + index), SKEncodedImageFormat.Png));

    public void Dispose() => _folder.Dispose();

    private static EstimatorChain<PssDetectionTransformer> LoadImages(MLContext mlContext, Pss.Engine.Inference.DetectorModel model, PssDetectionOptions options)
        => mlContext.Transforms.LoadImages("Picture", "", "ImagePath")
            .Append(mlContext.ObjectDetection().LoadPssDetector(model, options with { ImageColumnName = "Picture" }));

    private sealed class NamedPicture
    {
        public string ImagePath { get; set; } = "";

        public string[] Names { get; set; } = ["disc"];
    }
}
