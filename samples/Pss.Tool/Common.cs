using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Pss.Engine.Data;
using Pss.Engine.Data.Formats;
using Pss.Engine.Data.Images;
using Pss.Engine.Training;
using Spectre.Console;

namespace Pss.Tool;

/// <summary>What the commands share.</summary>
internal static class Common
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static Argument<string> Data() => new("data") { Description = "Annotation file, or the folder of a dataset; the form is recognized." };

    public static Argument<FileInfo> Model() => new("model") { Description = "A detector's file, or the checkpoint of a training." };

    public static Option<string?> Split() => new("--split") { Description = "Which of several annotation files: train, val, ..." };

    public static Option<string?> Images() => new("--images") { Description = "Folder of the images, where it is not found beside the annotations." };

    public static Option<bool> SkipInvalid() => new("--skip-invalid") { Description = "Leaves faulty records out, and lists them, instead of stopping." };

    public static Option<int> MaxPixels() => new("--max-pixels")
    {
        Description = "Larger images are refused (in the library: MaxPixels).",
        DefaultValueFactory = _ => ImageDecoding.DefaultMaxPixels,
    };

    public static Option<string?> Device() => new("--device") { Description = "cpu, cuda or cuda:N; without, the first GPU or else the CPU." };

    public static Option<bool> Quiet() => new("--quiet", "-q") { Description = "Prints results only." };

    public static Option<bool> Json() => new("--json") { Description = "Prints one JSON object instead of text." };

    /// <summary>Reads a dataset and says what was left out. <paramref name="classes"/> are those of a detector or of training images, by label.</summary>
    public static DetectionDataset Read(string path, string? split, string? images, bool skipInvalid, IReadOnlyList<string>? classes = null,
        int maxPixels = ImageDecoding.DefaultMaxPixels)
    {
        var dataset = DetectionDataset.Load(path, new()
        {
            Split = split,
            ImageFolder = images,
            Categories = classes,
            MaxPixels = maxPixels,
            OnInvalid = skipInvalid ? OnInvalid.Skip : OnInvalid.Throw,
        });
        foreach (var fault in dataset.Skipped)
            Console.Error.WriteLine($"left out: {fault.Message}");
        return dataset;
    }

    /// <summary>Runs work under a progress bar on the stream of errors, so that the output holds results alone.</summary>
    public static T WithProgress<T>(bool silent, string description, Func<ProgressTask, IAnsiConsole, T> work)
    {
        var console = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(silent ? TextWriter.Null : Console.Error) });
        return console.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context => work(context.AddTask(Markup.Escape(description)), console));
    }

    /// <summary>Decodes a dataset's images for a detector's size, each a step of the bar.</summary>
    public static Func<int, RgbImage> Counted(DetectionDataset dataset, Resize resize, ProgressTask bar)
    {
        var load = ValidationSet.FromFiles(dataset, resize).Load;
        bar.MaxValue = dataset.Images.Count;
        return index =>
        {
            bar.Increment(1);
            return load(index);
        };
    }

    public static void WriteJson<T>(T value) => Console.WriteLine(JsonSerializer.Serialize(value, Indented));

    /// <summary>"800x1333" is short and long side, "512x512!" a letterbox of that width and height.</summary>
    public static Resize ParseSize(string text)
    {
        var letterbox = text.EndsWith('!');
        var sides = text.TrimEnd('!').Split('x');
        if (sides.Length != 2 || !int.TryParse(sides[0], CultureInfo.InvariantCulture, out var first) || !int.TryParse(sides[1], CultureInfo.InvariantCulture, out var second))
            throw new ArgumentException($"'{text}' is no size: write SHORTxLONG, such as 800x1333, or WIDTHxHEIGHT! for a letterbox, such as 512x512!.");
        return letterbox ? Resize.Letterbox(first, second) : Resize.ShortestEdge(first, second);
    }
}
