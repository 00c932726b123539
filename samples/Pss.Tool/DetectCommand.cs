using System.CommandLine;
using System.Globalization;
using Pss.Engine.Data;
using Pss.Engine.Data.Images;
using Pss.Engine.Inference;
using Spectre.Console;

namespace Pss.Tool;

/// <summary>The command detect: detects objects in image files.</summary>
internal static class DetectCommand
{
    private const int BatchSize = 8;
    private static readonly Argument<FileInfo> Model = Common.Model();
    private static readonly Argument<string[]> Inputs = new("images") { Description = "Image files, or folders of them.", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<float> Threshold = new("--threshold") { Description = "Smallest score of the detections to print.", DefaultValueFactory = _ => 0.3f };
    private static readonly Option<bool> Nms = new("--nms") { Description = "Uses the one-to-many output with NMS instead of the end-to-end output." };
    private static readonly Option<string?> Size = new("--size") { Description = "Input size, SHORTxLONG, or WIDTHxHEIGHT!; by default the detector's own." };
    private static readonly Option<string?> Device = Common.Device();
    private static readonly Option<int> MaxPixels = Common.MaxPixels();
    private static readonly Option<bool> Json = Common.Json(), Quiet = Common.Quiet();

    public static Command Create()
    {
        var command = new Command("detect", "Detects objects in images.") { Model, Inputs, Threshold, Nms, Size, MaxPixels, Device, Json, Quiet };
        command.SetAction((arguments, cancellationToken) => Task.FromResult(Run(arguments, cancellationToken)));
        return command;
    }

    private static int Run(ParseResult arguments, CancellationToken cancellationToken)
    {
        var files = arguments.GetValue(Inputs)!.SelectMany(Files).ToArray();
        using var detector = Detector.Load(arguments.GetValue(Model)!.FullName, new()
        {
            Device = arguments.GetValue(Device),
            Resize = arguments.GetValue(Size) is { } text ? Common.ParseSize(text) : null,
            PostProcessing = new() { ScoreThreshold = arguments.GetValue(Threshold), Mode = arguments.GetValue(Nms) ? DetectionMode.OneToMany : null },
        });
        var found = Common.WithProgress(arguments.GetValue(Quiet) || arguments.GetValue(Json), $"{files.Length} images on {detector.Description}", (bar, _) =>
        {
            bar.MaxValue = files.Length;
            var found = new List<(string File, IReadOnlyList<Detection> Detections)>();
            var decoding = ImageDecoding.For(detector.Resize) with { MaxPixels = arguments.GetValue(MaxPixels) };
            foreach (var batch in files.Chunk(BatchSize))
            {
                cancellationToken.ThrowIfCancellationRequested();
                found.AddRange(batch.Zip(detector.Detect(Array.ConvertAll(batch, file => RgbImage.Load(file, decoding)))));
                bar.Increment(batch.Length);
            }
            return found;
        });
        if (arguments.GetValue(Json))
        {
            Common.WriteJson(found.Select(image => new
            {
                file = image.File,
                detections = image.Detections.Select(d => new { label = detector.Classes[d.Label], score = d.Score, box = new[] { d.X1, d.Y1, d.X2, d.Y2 } }),
            }));
        }
        else
        {
            Print(found, detector.Classes);
        }
        return ExitCode.Ok;
    }

    private static void Print(List<(string File, IReadOnlyList<Detection> Detections)> found, IReadOnlyList<string> classes)
    {
        var table = new Table().AddColumns("file", "class", "score", "x1", "y1", "x2", "y2");
        foreach (var (file, detections) in found)
        {
            foreach (var d in detections)
                table.AddRow([Markup.Escape(file), Markup.Escape(classes[d.Label]), Text(d.Score, "F3"), Text(d.X1, "F1"), Text(d.Y1, "F1"), Text(d.X2, "F1"), Text(d.Y2, "F1")]);
        }
        AnsiConsole.Write(table);

        static string Text(float value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
    }

    private static IEnumerable<string> Files(string path)
    {
        if (!Directory.Exists(path))
            return [path];
        var files = Directory.EnumerateFiles(path).Where(RgbImage.IsImageName).Order(StringComparer.Ordinal).ToArray();
        return files.Length > 0 ? files : throw new ArgumentException($"The folder {path} has no image ({string.Join(", ", RgbImage.Extensions)}).");
    }
}
