using System.Globalization;
using System.Text.RegularExpressions;

namespace Pss.Tool;

/// <summary>Words of the library in the words of this tool.</summary>
internal static partial class Messages
{
    private static readonly (string Library, string Tool)[] Words =
    [
        ("set ReadOptions.Split to one of them, or give its folder", "choose one by --split"),
        ("give the path of one, or set ReadOptions.Split", "give the path of one, or choose by --split"),
        ("leave out ReadOptions.Split", "leave out --split"),
        ("Set ImageFolder, or CheckImages = false to read the annotations without images", "Name their folder by --images"),
        ("set ReadOptions.ImageFolder", "name their folder by --images"),
        ("hold no image sizes; set ImageFolder", "hold no image sizes; name the folder of the images by --images"),
        ("ImageFolder is '", "--images is '"),
        ("or read with ReadOptions.OnInvalid = Repair (boxes are cut off at the image's edge)", "or cut boxes off at the image's edge by --repair"),
        ("add it to ReadOptions.Categories or correct the name", "correct the name"),
        ("read it with ReadOptions.Categories set to the detector's", "they must have the same classes"),
        ("raise MaxPixels, in ReadOptions or ImageDecoding,", "raise --max-pixels,"),
        ("KeepEmptyImages takes them as background", "--keep-empty takes them as background"),
        ("anew each time (BackgroundRatio)", "anew each time (--background-ratio)"),
        ("run it again with Resume to go on from", "run the same command with --resume to go on from"),
        ("set Width and Height", "give one by --size WIDTHxHEIGHT!"),
        ("(HalfSizeShare)", "(--half-size)"),
        ("(SelectorOptions.LocalMaxima)", "(--local-maxima)"),
        ("a multiple of BatchSize", "a multiple of --pass"),
        ("choose a fraction above 0 and below 1", "--hold-out must be above 0 and below 1"),
        ("System.Nullable`1[System.Int32]", "a whole number"),
        ("System.Nullable`1[System.Double]", "a number"),
        ("System.Int32", "a whole number"),
        ("System.Int64", "a whole number"),
        ("System.Double", "a number"),
        ("System.Single", "a number"),
    ];

    private static readonly Dictionary<string, string> Options = new()
    {
        ["Schedule.Epochs"] = "--epochs",
        ["Schedule.Decay"] = "--schedule",
        ["Optimizer"] = "--optimizer",
        ["Precision"] = "--precision",
        ["Seed"] = "--seed",
        ["Sizes"] = "--size",
        ["SelectorWeight"] = "--lambda1",
        ["RankingWeight"] = "--lambda2",
        ["Matching.Alpha"] = "--alpha",
        ["Matching.Candidates"] = "--candidates",
        ["Selector.LocalMaxima"] = "--local-maxima",
        ["Selector.HiddenConvolutions"] = "--selector-layers",
        ["LearningRate"] = "--learning-rate",
        ["NominalBatch"] = "--batch",
        ["BatchSize"] = "--pass",
        ["Epochs"] = "--epochs",
        ["HalfSizeShare"] = "--half-size",
        ["BackboneRateFactor"] = "--backbone-rate",
        ["SelectorRateFactor"] = "--selector-rate",
        ["EmaDecay"] = "--ema",
        ["Patience"] = "--patience",
        ["CheckpointEvery"] = "--checkpoint-every",
        ["RepeatThreshold"] = "--repeat-threshold",
        ["BackgroundRatio"] = "--background-ratio",
        ["Channels"] = "--channels",
        ["Alpha"] = "--alpha",
        ["HiddenConvolutions"] = "--selector-layers",
        ["ScoreThreshold"] = "--threshold",
        ["MaxDetections"] = "--max-detections",
        ["MaxPixels"] = "--max-pixels",
    };

    /// <summary>The message without the library's names of options and parameters.</summary>
    public static string Of(string text)
    {
        var worded = Words.Aggregate(text, (message, word) => message.Replace(word.Library, word.Tool, StringComparison.Ordinal));
        return Parameter().Replace(Property().Replace(worded, property => Options.GetValueOrDefault(property.Value, property.Value)), "");
    }

    /// <summary>"1 object", "2 objects".</summary>
    public static string Count(int number, string one, string? many = null)
        => string.Create(CultureInfo.InvariantCulture, $"{number} {(number == 1 ? one : many ?? one + "s")}");

    [GeneratedRegex(@" \(Parameter '[^']*'\)")]
    private static partial Regex Parameter();

    // An option that is out of its range, or not what it was.
    [GeneratedRegex(@"\b[\w.]+(?= (?:must be|is|was) )")]
    private static partial Regex Property();
}
