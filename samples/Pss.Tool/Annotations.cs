using System.CommandLine;
using Pss.Engine.Data;
using Pss.Engine.Data.Formats;
using Pss.Engine.Data.Images;

namespace Pss.Tool;

/// <summary>The options by which a command reads annotations. Each command has its own instance.</summary>
internal sealed class Annotations
{
    private readonly Option<string?> _split = Common.Split(), _images = Common.Images();
    private readonly Option<bool> _repair = Common.Repair(), _skipInvalid = Common.SkipInvalid();
    private readonly Option<int> _maxPixels = Common.MaxPixels();

    public Option<string?> Split => _split;

    public IEnumerable<Option> Options => [_split, _images, _repair, _skipInvalid, _maxPixels];

    /// <summary>Reads a dataset and prints what was repaired, passed over or skipped.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="path">The annotations.</param>
    /// <param name="classes">The class names by label, of a detector or of training images; null takes those of the file.</param>
    public DetectionDataset Read(ParseResult arguments, string path, IReadOnlyList<string>? classes = null) => Read(arguments, path, arguments.GetValue(_split), classes);

    /// <summary>As <see cref="Read(ParseResult, string, IReadOnlyList{string})"/>, for a split that is not the one of the command line.</summary>
    public DetectionDataset Read(ParseResult arguments, string path, string? split, IReadOnlyList<string>? classes)
    {
        var dataset = DetectionDataset.Load(path, new()
        {
            Split = split,
            ImageFolder = arguments.GetValue(_images),
            Categories = classes,
            MaxPixels = arguments.GetValue(_maxPixels),
            OnInvalid = arguments.GetValue(_skipInvalid) ? OnInvalid.Skip : arguments.GetValue(_repair) ? OnInvalid.Repair : OnInvalid.Throw,
        });
        foreach (var line in dataset.Account())
            Console.Error.WriteLine($"{Path.GetFileName(path)}: {Messages.Of(line)}");
        return dataset;
    }

    /// <summary>Refuses an output that is one of the files of a dataset, or of others that the command reads.</summary>
    /// <param name="option">The option that names the output.</param>
    /// <param name="output">The path; null writes nothing.</param>
    /// <param name="path">Where the dataset was read from.</param>
    /// <param name="dataset">The dataset.</param>
    /// <param name="others">Other files that the command reads.</param>
    public static void RequireOther(Option option, string? output, string path, DetectionDataset dataset, params IEnumerable<string?> others)
    {
        var folder = Directory.Exists(path) ? path : Path.GetExtension(path) is ".yaml" or ".yml" ? Path.GetDirectoryName(Path.GetFullPath(path))! : null;
        var isOfFolder = folder is not null && File.Exists(output) && OutputCheck.IsInside(output, folder) && IsAnnotation(output);
        OutputCheck.RequireFile(option, output, dataset.Images.Select(image => image.Path).Append(path).Append(isOfFolder ? output : null).Concat(others));
    }

    /// <summary>Whether a file looks like annotations or an image; JSON that is a list holds results.</summary>
    private static bool IsAnnotation(string file) => Path.GetExtension(file).ToLowerInvariant() switch
    {
        ".xml" or ".txt" or ".yaml" or ".yml" or ".csv" => true,
        ".json" => !File.ReadAllText(file).AsSpan().TrimStart().StartsWith("["),
        _ => RgbImage.IsImageName(file),
    };
}
