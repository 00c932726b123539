using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Pss.Engine.Data;
using Pss.Engine.Data.Formats;
using Pss.Engine.Data.Images;
using Pss.Engine.Evaluation;
using Spectre.Console;

namespace Pss.Tool;

/// <summary>Options and helpers shared by the commands.</summary>
internal static class Common
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public static Argument<string> Data() => new("data") { Description = "Annotation file, or the folder of a dataset; the format is recognized." };

    public static Argument<FileInfo> Model()
    {
        var argument = new Argument<FileInfo>("model") { Description = "A detector's file, or the checkpoint of a training." };
        RefuseOptions(argument);
        return argument;
    }

    /// <summary>Refuses an option that is misspelt, which the parser takes for a file. One whose name begins so is written ./--name.</summary>
    public static void RefuseOptions(Argument argument) => argument.Validators.Add(result =>
    {
        foreach (var token in result.Tokens.Where(token => token.Value.StartsWith("--", StringComparison.Ordinal)))
            result.AddError($"{token.Value} is no option of this command.");
    });

    public static Option<string?> Split() => new("--split") { Description = "Which split: train, val, ..." };

    public static Option<string?> Images() => new("--images") { Description = "Folder of the images, if they are not beside the annotations." };

    public static Option<bool> SkipInvalid() => new("--skip-invalid") { Description = "Skips and lists invalid records and damaged images instead of stopping; repairs as --repair." };

    public static Option<bool> Repair() => new("--repair") { Description = "Cuts off boxes at the image's edge instead of stopping." };

    public static Option<int> MaxPixels() => new("--max-pixels")
    {
        Description = "Largest number of pixels of an image; larger images are rejected.",
        DefaultValueFactory = _ => ImageDecoding.DefaultMaxPixels,
    };

    /// <param name="least">The smallest number that makes sense: the metrics need more than 10.</param>
    public static Option<int> MaxDetections(int least = 11)
    {
        var option = new Option<int>("--max-detections") { Description = "Most detections of an image.", DefaultValueFactory = _ => 100 };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && int.TryParse(token.Value, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) && (number < least || number > 100_000))
                result.AddError(FormattableString.Invariant($"--max-detections must be from {least} to 100000."));
        });
        return option;
    }

    public static Option<string?> Device() => new("--device") { Description = "cpu, cuda or cuda:N; by default the first GPU, or else the CPU." };

    public static Option<bool> Quiet() => new("--quiet", "-q") { Description = "Prints only results." };

    public static Option<bool> Json() => new("--json") { Description = "Prints one JSON object instead of text." };

    public static void WriteJson<T>(T value) => Console.WriteLine(JsonSerializer.Serialize(value, Indented));

    /// <summary>COCO's twelve metrics for JSON; null where no object counts.</summary>
    public static Dictionary<string, double?>? Metrics(CocoSummary? summary) => summary is null ? null : CocoSummary.Names.Zip(summary.ToArray())
        .ToDictionary(pair => JsonNamingPolicy.CamelCase.ConvertName(pair.First), pair => pair.Second >= 0 ? pair.Second : (double?)null);

    /// <summary>A number with three decimals, or "-" where there is none.</summary>
    public static string Text(double? value) => value is >= 0 and var number ? number.ToString("F3", CultureInfo.InvariantCulture) : "-";

    /// <summary>"800x1333" gives the short and the long side, "512x512!" a letterbox of that width and height.</summary>
    public static Resize ParseSize(string text, string option = "--size")
    {
        var letterbox = text.EndsWith('!');
        var sides = text.TrimEnd('!').Split('x');
        if (sides.Length != 2 || !int.TryParse(sides[0], CultureInfo.InvariantCulture, out var first) || !int.TryParse(sides[1], CultureInfo.InvariantCulture, out var second))
            throw new ArgumentException($"{option} '{text}' is not a size: write SHORTxLONG, such as 800x1333, or WIDTHxHEIGHT! for a letterbox, such as 512x512!.");
        if (first < 1 || second < 1 || !letterbox && second < first)
            throw new ArgumentException($"{option} '{text}': the sides are at least 1 pixel, and without ! the short one comes first, as in 480x640.");
        return letterbox ? Resize.Letterbox(first, second) : Resize.ShortestEdge(first, second);
    }
}
