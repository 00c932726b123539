using Pss.Engine.Data.Images;

namespace Pss.Engine.Data.Formats;

/// <summary>Locates the images and labels of a YOLO dataset.</summary>
internal static class YoloLayout
{
    private static readonly string SupportedFormats = $"images are {string.Join(", ", ImageHeader.Extensions)}";

    /// <summary>The images of one entry of the data yaml, sorted or in the order of the list.</summary>
    public static IEnumerable<Image> Images(string yaml, string? root, string split, string entry, FaultLog faults)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(yaml))!;
        var roots = root is null ? [folder] : new[] { Path.Combine(folder, root), folder };
        var places = roots.Select(at => Path.GetFullPath(Path.Combine(at, entry))).Distinct().ToArray();
        var path = places.FirstOrDefault(Exists);
        if (path is null)
        {
            path = Endings(entry).Select(ending => Path.GetFullPath(Path.Combine(folder, ending))).FirstOrDefault(Exists)
                ?? throw new DatasetException(yaml, "", split, $"'{entry}' is neither a folder of images nor a .txt list of them; tried {string.Join(", ", places)} and the ends of the path beside the yaml");
            faults.Note(yaml, split, "", $"'{entry}' does not exist here and is taken as '{Path.GetRelativePath(folder, path).Replace('\\', '/')}' beside the yaml");
        }
        if (Directory.Exists(path))
            return InFolder(yaml, split, path, faults);
        var above = Path.GetDirectoryName(path)!;
        return DatasetFile.ReadLines(path).Select((line, i) => (Text: line.Trim(), Number: i + 1)).Where(line => line.Text.Length > 0)
            .Select(line => new Image(path, $"line {line.Number}", Path.GetFullPath(Path.Combine(above, line.Text)),
                NameOf(line.Text, split), LabelPath(Path.GetFullPath(Path.Combine(above, line.Text)))));
    }

    private static bool Exists(string path) => Directory.Exists(path) || (File.Exists(path) && path.EndsWith(".txt", StringComparison.OrdinalIgnoreCase));

    /// <summary>The ends of a path from another computer: a/b/c, b/c, c. A common tool writes "../train/images" for a folder beside the yaml.</summary>
    private static IEnumerable<string> Endings(string entry)
    {
        string[] parts = [.. entry.Split('/', '\\').Where(part => part is not ("" or "." or ".."))];
        return Enumerable.Range(0, parts.Length).Select(first => string.Join('/', parts[first..]));
    }

    private static IEnumerable<Image> InFolder(string yaml, string split, string path, FaultLog faults)
    {
        var files = Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToArray();
        foreach (var other in files.Where(file => !ImageHeader.IsImageName(file) && Path.GetExtension(file).ToLowerInvariant() is not (".txt" or ".cache" or ".json" or ".xml" or ".npy")))
            faults.Note(yaml, Path.GetRelativePath(path, other), split, $"files with the extension '{Path.GetExtension(other).ToLowerInvariant()}' are passed over: {SupportedFormats}");
        return files.Where(ImageHeader.IsImageName).Select(file => new Image(yaml, split, file, Path.GetRelativePath(path, file).Replace('\\', '/'), LabelPath(file)));
    }

    /// <summary>The labels of images/train/a.jpg are in labels/train/a.txt; the last "images" in the path is replaced.</summary>
    private static string LabelPath(string image)
    {
        var path = Path.ChangeExtension(image, ".txt").Replace('\\', '/');
        var at = path.LastIndexOf("/images/", StringComparison.Ordinal);
        return at < 0 ? path : $"{path[..at]}/labels/{path[(at + 8)..]}";
    }

    /// <summary>The part of a listed path after "images/" and the split's name.</summary>
    private static string NameOf(string line, string split)
    {
        var path = "/" + line.Replace('\\', '/');
        var at = path.LastIndexOf("/images/", StringComparison.Ordinal);
        var name = at < 0 ? Path.GetFileName(path) : path[(at + 8)..];
        return name.StartsWith(split + "/", StringComparison.Ordinal) ? name[(split.Length + 1)..] : name;
    }

    public sealed record Image(string ListedIn, string Record, string Path, string FileName, string LabelPath);
}
