using System.CommandLine;
using System.Globalization;
using Pss.Engine;
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
    private static readonly Option<bool> Resumable = new("--resumable")
    {
        Description = "Keeps finished parts beside --output, so that the same command goes on after a stop; several processes (mpirun) always do.",
    };

    private static readonly Option<string?> Device = Common.Device();
    private static readonly Option<int> MaxPixels = Common.MaxPixels(), MaxDetections = Common.MaxDetections(least: 1);
    private static readonly Option<bool> Json = Common.Json(), Quiet = Common.Quiet();

    public static Command Create()
    {
        Common.RefuseOptions(Inputs);
        Format.AcceptOnlyFromAmong("table", "csv", "tsv", "json", "coco");
        var command = new Command(Name, "Detects objects in images.")
        {
            Model, Inputs, Threshold, Nms, Size, MaxDetections, Format, Output, SaveImages, Resumable, MaxPixels, Device, Json, Quiet,
        };
        command.SetAction((arguments, cancellationToken) => Task.FromResult(Run(arguments, cancellationToken)));
        return command;
    }

    private static int Run(ParseResult arguments, CancellationToken cancellationToken)
    {
        var files = arguments.GetValue(Inputs)!.SelectMany(Files).ToArray();
        var (model, output) = (arguments.GetValue(Model)!.FullName, arguments.GetValue(Output)?.FullName);
        OutputCheck.RequireFile(Output, output, [model, .. files]);
        if (arguments.GetValue(SaveImages) is { } pictures)
            OutputCheck.RequireOtherFolder(SaveImages, pictures.FullName, files);
        var parts = Parts(arguments, model, output, files);
        Job.Current?.Barrier();
        using var detector = Detector.Load(model, new()
        {
            Device = DeviceOf(arguments),
            Resize = arguments.GetValue(Size) is { } text ? Common.ParseSize(text) : null,
            PostProcessing = new()
            {
                ScoreThreshold = arguments.GetValue(Threshold),
                Mode = arguments.GetValue(Nms) ? DetectionMode.OneToMany : null,
                MaxDetections = arguments.GetValue(MaxDetections),
            },
        });
        var silent = arguments.GetValue(Quiet) || !Console.IsOutputRedirected && output is null;
        if (parts is not null)
            Progress.Run(silent, $"detection on {detector.Description}", progress => ScoreParts(arguments, parts, detector, files.Length, progress, cancellationToken));
        Job.Current?.Barrier();
        if (!Job.IsFirst)
            return ExitCode.Ok;

        int exitCode;
        using (var writer = DetectionWriter.Create(FormatOf(arguments), output, detector.Classes))
        {
            var names = arguments.GetValue(SaveImages) is { } folder ? new PictureFolder(folder.FullName) : null;
            exitCode = parts is not null ? Write(arguments, parts.Read(), files.Length, writer) : Progress.Run(silent, $"detection on {detector.Description}", progress =>
            {
                progress.Steps = files.Length;
                return Write(arguments, Score(arguments, detector, files, names, progress, cancellationToken), files.Length, writer);
            });
            writer.Complete();
        }
        parts?.Delete();
        return exitCode;
    }

    /// <summary>The parts of a run of several processes, or of one that can be resumed; null for any other.</summary>
    private static DetectionParts? Parts(ParseResult arguments, string model, string? output, string[] files)
    {
        if (Job.Current is null && !arguments.GetValue(Resumable))
            return null;
        var reason = Job.Current is null ? $"{Resumable.Name} keeps finished parts" : "several processes keep their parts";
        if (output is null)
            throw new ArgumentException($"{reason} beside the output: name its file by {Output.Name}.");
        if (arguments.GetValue(SaveImages) is not null)
            throw new ArgumentException($"{SaveImages.Name} draws in one run of one process: leave it out, since {reason} and draw nothing.");
        var parts = new DetectionParts(
            output, model, files, arguments.GetValue(Threshold), arguments.GetValue(Nms), arguments.GetValue(Size), arguments.GetValue(MaxDetections),
            arguments.GetValue(MaxPixels), arguments.GetValue(Device));
        if (Job.IsFirst && parts.RemoveOthers() is > 0 and var others)
            Console.Error.WriteLine($"{Messages.Count(others, "part")} of another detector, of other images or options removed.");
        if (parts.ImagesDone is > 0 and var done)
            Console.Error.WriteLine($"{done} of {Messages.Count(files.Length, "image")} have been scored by an earlier run.");
        return parts;
    }

    /// <summary>Scores what this process has of the parts that are not there.</summary>
    private static int ScoreParts(ParseResult arguments, DetectionParts parts, Detector detector, int images, Progress progress, CancellationToken cancellationToken)
    {
        progress.Steps = images;
        var (rank, processes) = Job.Current is { } job ? (job.Rank, job.Size) : (0, 1);
        for (var part = rank; part < parts.Count; part += processes)
        {
            if (!parts.IsDone(part))
                parts.Write(part, [.. Score(arguments, detector, parts.FilesOf(part), null, null, cancellationToken)]);
            progress.Report(parts.ImagesDone, $"detection on {detector.Description}");
        }
        return 0;
    }

    /// <summary>Scores images batch by batch.</summary>
    private static IEnumerable<ScoredImage> Score(
        ParseResult arguments, Detector detector, string[] files, PictureFolder? pictures, Progress? progress, CancellationToken cancellationToken)
    {
        var decoding = ImageDecoding.For(detector.Resize) with { MaxPixels = arguments.GetValue(MaxPixels) };
        foreach (var batch in files.Chunk(BatchSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var images = Array.ConvertAll(batch, file => Load(file, pictures is null ? decoding : decoding with { Sizes = null }));
            var found = new Queue<IReadOnlyList<Detection>>(detector.Detect([.. images.Select(item => item.Image).OfType<RgbImage>()]));
            foreach (var (file, (image, fault)) in batch.Zip(images))
            {
                var scored = image is null ? new ScoredImage(file, 0, 0, [], fault) : new(file, image.FullHeight, image.FullWidth, found.Dequeue());
                if (image is not null)
                    pictures?.Save(file, image, scored.Found, detector.Classes);
                yield return scored;
                progress?.Step();
            }
        }
    }

    /// <summary>Writes results and tells what is missing in them.</summary>
    private static int Write(ParseResult arguments, IEnumerable<ScoredImage> images, int count, DetectionWriter writer)
    {
        var (failed, full, limit) = (0, 0, arguments.GetValue(MaxDetections));
        foreach (var image in images)
        {
            if (image.Fault is not null)
            {
                failed++;
                Console.Error.WriteLine($"pss-tool: {Messages.Of(image.Fault)}");
                continue;
            }
            writer.Write(image);
            full += image.Found.Count == limit ? 1 : 0;
        }
        if (full > 0)
            Console.Error.WriteLine($"{Messages.Count(full, "image has", "images have")} {Messages.Count(limit, "detection")}, the most that were asked for: --max-detections allows more.");
        if (failed > 0)
            Console.Error.WriteLine($"{failed} of {count} images could not be read.");
        return failed > 0 ? ExitCode.Failed : ExitCode.Ok;
    }

    /// <summary>The device of this process: processes of a machine take its GPUs in turn.</summary>
    private static string? DeviceOf(ParseResult arguments)
        => arguments.GetValue(Device) is null or "cuda" && Job.Current is { } job && TorchRuntime.GpuCount is > 0 and var gpus
            ? string.Create(CultureInfo.InvariantCulture, $"cuda:{job.LocalRank % gpus}") : arguments.GetValue(Device);

    private static string FormatOf(ParseResult arguments) => arguments.GetValue(Format)
        ?? (arguments.GetValue(Json) ? "json" : arguments.GetValue(Output) is not null || Console.IsOutputRedirected ? "tsv" : "table");

    /// <summary>An image, or why it cannot be read.</summary>
    private static (RgbImage? Image, string? Fault) Load(string file, ImageDecoding decoding)
    {
        try
        {
            return (RgbImage.Load(file, decoding), null);
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return (null, error.Message);
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
