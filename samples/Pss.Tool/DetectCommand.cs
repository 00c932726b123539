using System.CommandLine;
using Pss.Engine.Data;
using Pss.Engine.Data.Images;
using Pss.Engine.Inference;

namespace Pss.Tool;

/// <summary>The command detect: detects objects in image files. Results are written image by image; a file that cannot be read is listed, and the work goes on.</summary>
internal static class DetectCommand
{
    public const string Name = "detect";
    private const int BatchSize = 8;
    private static readonly Argument<FileInfo> Model = Common.Model();
    private static readonly Argument<string[]> Inputs = new("images") { Description = "Image files, or folders of them.", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<float> Threshold = new("--threshold") { Description = "Smallest score of the detections to print.", DefaultValueFactory = _ => 0.3f };
    private static readonly Option<bool> Nms = new("--nms") { Description = "Uses the one-to-many output with NMS instead of the end-to-end output." };
    private static readonly Option<string?> Size = new("--size") { Description = "Input size, SHORTxLONG, or WIDTHxHEIGHT!; by default the detector's own." };
    private static readonly Option<string?> Format = new("--format") { Description = "table, csv, tsv, json or coco; by default a table on a terminal and tsv otherwise." };
    private static readonly Option<FileInfo?> Output = new("--output", "-o") { Description = "Writes the results to a file, whole or not at all." };
    private static readonly Option<DirectoryInfo?> SaveImages = new("--save-images") { Description = "Folder for the pictures with boxes drawn." };
    private static readonly Option<string?> Device = Common.Device();
    private static readonly Option<int> MaxPixels = Common.MaxPixels(), MaxDetections = Common.MaxDetections(least: 1);
    private static readonly Option<bool> Json = Common.Json(), Quiet = Common.Quiet();

    public static Command Create()
    {
        Common.RefuseOptions(Inputs);
        Format.AcceptOnlyFromAmong("table", "csv", "tsv", "json", "coco");
        var command = new Command(Name, "Detects objects in images.")
        {
            Model, Inputs, Threshold, Nms, Size, MaxDetections, Format, Output, SaveImages, MaxPixels, Device, Json, Quiet,
        };
        command.SetAction((arguments, cancellationToken) => Task.FromResult(Run(arguments, cancellationToken)));
        return command;
    }

    private static int Run(ParseResult arguments, CancellationToken cancellationToken)
    {
        var files = arguments.GetValue(Inputs)!.SelectMany(Files).ToArray();
        var limit = arguments.GetValue(MaxDetections);
        OutputCheck.RequireFile(Output, arguments.GetValue(Output)?.FullName, [arguments.GetValue(Model)!.FullName, .. files]);
        if (arguments.GetValue(SaveImages) is { } pictures)
            OutputCheck.RequireOtherFolder(SaveImages, pictures.FullName, files);
        using var detector = Detector.Load(arguments.GetValue(Model)!.FullName, new()
        {
            Device = arguments.GetValue(Device),
            Resize = arguments.GetValue(Size) is { } text ? Common.ParseSize(text) : null,
            PostProcessing = new()
            {
                ScoreThreshold = arguments.GetValue(Threshold),
                Mode = arguments.GetValue(Nms) ? DetectionMode.OneToMany : null,
                MaxDetections = limit,
            },
        });
        using var writer = DetectionWriter.Create(FormatOf(arguments), arguments.GetValue(Output)?.FullName, detector.Classes);
        var names = arguments.GetValue(SaveImages) is { } folder ? new PictureFolder(folder.FullName) : null;
        var silent = arguments.GetValue(Quiet) || !Console.IsOutputRedirected && arguments.GetValue(Output) is null;
        var (failed, full) = Progress.Run(silent, $"detection on {detector.Description}", progress =>
        {
            progress.Steps = files.Length;
            var (failed, full) = (0, 0);
            var decoding = ImageDecoding.For(detector.Resize) with { MaxPixels = arguments.GetValue(MaxPixels) };
            foreach (var batch in files.Chunk(BatchSize))
            {
                cancellationToken.ThrowIfCancellationRequested();
                var images = batch.Select(file => (File: file, Image: Load(file, names is null ? decoding : decoding with { Sizes = null }))).ToArray();
                failed += images.Count(item => item.Image is null);
                var loaded = images.Where(item => item.Image is not null).ToArray();
                foreach (var ((file, image), found) in loaded.Zip(detector.Detect([.. loaded.Select(item => item.Image!)])))
                {
                    writer.Write(file, image!, found);
                    names?.Save(file, image!, found, detector.Classes);
                    full += found.Count == limit ? 1 : 0;
                }
                foreach (var _ in batch)
                    progress.Step();
            }
            return (failed, full);
        });
        writer.Complete();
        if (full > 0)
            Console.Error.WriteLine($"{Messages.Count(full, "image has", "images have")} {Messages.Count(limit, "detection")}, the most that were asked for: --max-detections allows more.");
        if (failed > 0)
            Console.Error.WriteLine($"{failed} of {files.Length} images could not be read.");
        return failed > 0 ? ExitCode.Failed : ExitCode.Ok;
    }

    private static string FormatOf(ParseResult arguments) => arguments.GetValue(Format)
        ?? (arguments.GetValue(Json) ? "json" : arguments.GetValue(Output) is not null || Console.IsOutputRedirected ? "tsv" : "table");

    /// <summary>An image; null, with a message, if it cannot be read.</summary>
    private static RgbImage? Load(string file, ImageDecoding decoding)
    {
        try
        {
            return RgbImage.Load(file, decoding);
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"pss-tool: {Messages.Of(error.Message)}");
            return null;
        }
    }

    private static IEnumerable<string> Files(string path)
    {
        if (!Directory.Exists(path))
            return [path];
        var files = Directory.EnumerateFiles(path).Where(RgbImage.IsImageName).Order(StringComparer.Ordinal).ToArray();
        return files.Length > 0 ? files : throw new ArgumentException($"The folder {path} has no image ({string.Join(", ", RgbImage.Extensions)}).");
    }
}
