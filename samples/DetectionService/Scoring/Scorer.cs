using System.Globalization;
using System.IO.Compression;

namespace DetectionService.Scoring;

/// <summary>Loads the model that is served.</summary>
internal static class Scorer
{
    /// <summary>The name of an image in messages, which has no file.</summary>
    public const string ImageName = "The image";

    /// <summary>Loads a model that <c>mlContext.Model.Save</c> wrote (.zip), or a detector's own file (.safetensors).</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The model does not find objects in an image.</exception>
    public static IScorer Load(string path, ServiceOptions options)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no model {path}{(Directory.Exists(path) ? ", only a folder" : "")}.");
        if (Path.GetExtension(path).Equals(".safetensors", StringComparison.OrdinalIgnoreCase))
            return new DetectorScorer(path, options);
        if (!IsSavedModel(path))
            throw new InvalidDataException($"{path} is neither a model of mlContext.Model.Save (.zip) nor a detector's file (.safetensors).");
        return new SavedModelScorer(path, options);
    }

    private static bool IsSavedModel(string path)
    {
        try
        {
            using var file = ZipFile.OpenRead(path);
            return file.Entries.Any(entry => entry.Name == "Model.key");
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    /// <summary>The GPU of a device's name; null for none.</summary>
    /// <exception cref="ArgumentException">The name is none of a device.</exception>
    public static int? Gpu(string? device) => device switch
    {
        null or "cpu" => null,
        "cuda" => 0,
        _ when device.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(device[5..], NumberStyles.None, CultureInfo.InvariantCulture, out var gpu) => gpu,
        _ => throw new ArgumentException($"--device is '{device}'; it must be cpu, cuda or cuda:N."),
    };
}
