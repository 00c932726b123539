using System.CommandLine;
using Microsoft.ML;
using Pss.Engine.Data;
using Pss.Engine.Inference;
using Pss.Engine.Onnx;

namespace Pss.Tool;

/// <summary>The command export: a detector as an ONNX file or as a model of ML.NET.</summary>
internal static class ExportCommand
{
    private const int MostCalibrationImages = 100;
    private const int FewCalibrationImages = 20;
    private static readonly Argument<FileInfo> Model = Common.Model();
    private static readonly Option<string> Target = new("--to") { Description = "onnx, or mlnet for a zip that mlContext.Model.Load reads.", Required = true };
    private static readonly Option<FileInfo> Output = new("--output", "-o") { Description = "File to write.", Required = true };
    private static readonly Option<float> Threshold = new("--threshold") { Description = "Smallest score of the detections.", DefaultValueFactory = _ => 0.3f };
    private static readonly Option<bool> Nms = new("--nms") { Description = "Takes the one-to-many output with NMS instead of the end-to-end output." };
    private static readonly Option<string?> Size = new("--size") { Description = "Input size WIDTHxHEIGHT! of the network, for onnx; by default the detector's own." };
    private static readonly Option<bool> Scaled = new("--scaled-by-caller") { Description = "onnx takes images that the caller has scaled and padded to the input size, instead of images at their own size." };
    private static readonly Option<string?> Int8 = new("--int8")
    {
        Description = "Annotated images: an annotation file or the folder of a dataset. The network computes in int8, calibrated on these images, and the AP that it costs on them is printed.",
    };
    private static readonly Option<bool> BFloat16 = new("--bfloat16") { Description = "mlnet computes in bfloat16, on TorchSharp instead of ONNX Runtime." };
    private static readonly Annotations Annotations = new();
    private static readonly Option<bool> Quiet = Common.Quiet(), Json = Common.Json();

    public static Command Create()
    {
        Target.AcceptOnlyFromAmong("onnx", "mlnet");
        var command = new Command("export", "Exports a detector for other programs.") { Model, Target, Output, Threshold, Nms, Size, Scaled, Int8, BFloat16, Quiet, Json };
        foreach (var option in Annotations.Options)
            command.Add(option);
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult arguments)
    {
        var (target, file) = (arguments.GetValue(Target)!, arguments.GetValue(Output)!.FullName);
        if (target == "mlnet" && (arguments.GetValue(Size) is not null || arguments.GetValue(Scaled)))
            throw new ArgumentException("--size and --scaled-by-caller have no effect on --to mlnet: its model scales images by the detector's own rule.");
        if (arguments.GetValue(BFloat16) && (target != "mlnet" || arguments.GetValue(Int8) is not null))
            throw new ArgumentException("--bfloat16 is for --to mlnet without --int8.");
        OutputCheck.RequireFile(Output, file, arguments.GetValue(Model)!.FullName);
        var model = DetectorModel.Load(arguments.GetValue(Model)!.FullName);
        var postProcessing = new PostProcessingOptions
        {
            ScoreThreshold = arguments.GetValue(Threshold),
            Mode = arguments.GetValue(Nms) ? DetectionMode.OneToMany : null,
        };
        var images = Calibration(arguments, model, file);
        var int8 = target == "onnx"
            ? ToOnnx(model, file, ReadOptions(arguments, postProcessing), images)
            : ToMLNet(model, file, postProcessing, images, arguments.GetValue(BFloat16) ? Precision.BFloat16 : Precision.Float32);
        if (arguments.GetValue(Json))
            Common.WriteJson(new { file, bytes = new FileInfo(file).Length, classes = model.Classes, int8 });
        else
            Console.WriteLine(int8 is null ? file : $"{file}\nAP on {Messages.Count(int8.Images, "image", "images")}: float32 {Common.Text(int8.Float32)}, int8 {Common.Text(int8.Int8)}");
        return ExitCode.Ok;
    }

    private static DetectionDataset? Calibration(ParseResult arguments, DetectorModel model, string file)
    {
        if (arguments.GetValue(Int8) is not { } data)
        {
            if (Annotations.Options.FirstOrDefault(option => arguments.GetResult(option) is { Implicit: false }) is { } useless)
                throw new ArgumentException($"{useless.Name} says how the images of --int8 are read, which is not given.");
            return null;
        }
        var images = Annotations.Read(arguments, data, model.Classes);
        Annotations.RequireOther(Output, file, data, images);
        if (images.Images.Count == 0)
            throw new ArgumentException($"--int8: {data} has no image; int8 is calibrated on some hundred of them.");
        if (images.Images.Count < FewCalibrationImages)
            Console.Error.WriteLine($"Int8 is calibrated on {Messages.Count(images.Images.Count, "image", "images")} only; some hundred of the kind that the detector will see are better.");
        if (images.ObjectCount == 0)
            Console.Error.WriteLine($"AP is -, because the {images.Images.Count} images of {data} have no objects.");
        return images;
    }

    private static OnnxAccuracy? ToOnnx(DetectorModel model, string file, OnnxExportOptions options, DetectionDataset? images)
    {
        if (images is null)
        {
            OnnxExporter.ExportToFile(model, file, options);
            return null;
        }
        options = Calibrated(options, images);
        OnnxExporter.ExportToFile(model, file, options);
        return OnnxAccuracy.Measure(model, options, images);
    }

    private static OnnxExportOptions Calibrated(OnnxExportOptions options, DetectionDataset images)
    {
        var (count, most) = (images.Images.Count, Math.Min(MostCalibrationImages, images.Images.Count));
        return options with { CalibrationImages = images.Images.Where((_, i) => (i + 1L) * most / count > (long)i * most / count).Select(image => images.LoadImage(image)) };
    }

    private static OnnxExportOptions ReadOptions(ParseResult arguments, PostProcessingOptions postProcessing)
    {
        var size = arguments.GetValue(Size);
        var options = new OnnxExportOptions { PostProcessing = postProcessing, ScaleImages = !arguments.GetValue(Scaled) };
        if (size is not null)
        {
            var rule = Common.ParseSize(size);
            if (!rule.IsLetterbox)
                throw new ArgumentException($"--size {size} is no fixed size: write WIDTHxHEIGHT!, such as 512x512!.");
            options = options with { Width = rule.Sides.First, Height = rule.Sides.Second };
        }
        return options;
    }

    private static OnnxAccuracy? ToMLNet(DetectorModel model, string file, PostProcessingOptions postProcessing, DetectionDataset? images, Precision precision)
    {
        var context = new MLContext();
        var view = context.Data.LoadFromEnumerable(Array.Empty<Picture>());
        using var transformer = context.ObjectDetection().LoadPssDetector(model, new()
        {
            ImageColumnName = nameof(Picture.ImagePath),
            ScoreThreshold = postProcessing.ScoreThreshold,
            Inference = new() { Device = "cpu", PostProcessing = postProcessing with { ScoreThreshold = 0 } },
            SavedPrecision = precision,
            SavedCalibration = images is null ? null : context.Data.LoadFromDataset(images),
        }).Fit(view);
        // Whole or not at all.
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        var part = file + ".part";
        try
        {
            context.Model.Save(transformer, view.Schema, part);
            File.Move(part, file, overwrite: true);
        }
        finally
        {
            File.Delete(part);
        }
        return images is null ? null : OnnxAccuracy.Measure(model, Calibrated(new() { PostProcessing = postProcessing }, images), images);
    }

    private sealed class Picture
    {
        public string ImagePath { get; set; } = "";
    }
}
