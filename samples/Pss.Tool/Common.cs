using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Pss.Engine.Data;
using Pss.Engine.Data.Formats;
using Pss.Engine.Data.Images;
using Spectre.Console;

namespace Pss.Tool;

/// <summary>Options and helpers shared by the commands.</summary>
internal static class Common
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static Argument<string> Data() => new("data") { Description = "Annotation file, or the folder of a dataset; the format is recognized." };

    public static Argument<FileInfo> Model() => new("model") { Description = "A detector's file, or the checkpoint of a training." };

    public static Option<string?> Split() => new("--split") { Description = "Which of several annotation files: train, val, ..." };

    public static Option<string?> Images() => new("--images") { Description = "Folder of the images, if they are not beside the annotations." };

    public static Option<bool> SkipInvalid() => new("--skip-invalid") { Description = "Skips and lists invalid records instead of stopping; cuts off boxes at the image's edge." };

    public static Option<bool> Repair() => new("--repair") { Description = "Cuts off boxes at the image's edge instead of stopping." };

    public static Option<int> MaxPixels() => new("--max-pixels")
    {
        Description = "Largest number of pixels of an image (in the library: MaxPixels); larger images are rejected.",
        DefaultValueFactory = _ => ImageDecoding.DefaultMaxPixels,
    };

    public static Option<string?> Device() => new("--device") { Description = "cpu, cuda or cuda:N; by default the first GPU, or else the CPU." };

    public static Option<bool> Quiet() => new("--quiet", "-q") { Description = "Prints only results." };

    public static Option<bool> Json() => new("--json") { Description = "Prints one JSON object instead of text." };

    /// <summary>Reads a dataset and reports skipped records. <paramref name="classes"/> are the class names by label, of a detector or of training images.</summary>
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
            Console.Error.WriteLine($"skipped: {fault.Message}");
        return dataset;
    }

    /// <summary>Runs work with a progress bar on standard error, so that standard output has only results.</summary>
    public static T WithProgress<T>(bool silent, string description, Func<ProgressTask, IAnsiConsole, T> work)
    {
        var console = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(silent ? TextWriter.Null : Console.Error) });
        return console.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context => work(context.AddTask(Markup.Escape(description)), console));
    }

    /// <summary>The same dataset; each image that is loaded is one step of the progress bar.</summary>
    public static DetectionDataset WithProgress(DetectionDataset dataset, ProgressTask bar)
    {
        bar.MaxValue = dataset.Images.Count;
        return new()
        {
            Name = dataset.Name,
            Categories = dataset.Categories,
            Images = dataset.Images,
            MaxPixels = dataset.MaxPixels,
            ImageLoader = (image, decoding) =>
            {
                bar.Increment(1);
                return dataset.LoadImage(image, decoding);
            },
        };
    }

    public static void WriteJson<T>(T value) => Console.WriteLine(JsonSerializer.Serialize(value, Indented));

    /// <summary>"800x1333" gives the short and the long side, "512x512!" a letterbox of that width and height.</summary>
    public static Resize ParseSize(string text)
    {
        var letterbox = text.EndsWith('!');
        var sides = text.TrimEnd('!').Split('x');
        if (sides.Length != 2 || !int.TryParse(sides[0], CultureInfo.InvariantCulture, out var first) || !int.TryParse(sides[1], CultureInfo.InvariantCulture, out var second))
            throw new ArgumentException($"'{text}' is not a size: write SHORTxLONG, such as 800x1333, or WIDTHxHEIGHT! for a letterbox, such as 512x512!.");
        return letterbox ? Resize.Letterbox(first, second) : Resize.ShortestEdge(first, second);
    }
}
