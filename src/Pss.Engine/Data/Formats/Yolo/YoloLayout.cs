namespace Pss.Engine.Data.Formats;

/// <summary>Locates the images and labels of a YOLO dataset.</summary>
internal static class YoloLayout
{
    /// <summary>The images of one entry of the data yaml, sorted or in the order of the list.</summary>
    public static IEnumerable<Image> Images(string yaml, string? root, string split, string entry, HashSet<string> extensions)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(yaml))!;
        var roots = root is null ? [folder] : new[] { Path.Combine(folder, root), folder };
        var place = roots.Select(at => Path.GetFullPath(Path.Combine(at, entry))).Concat(
            // A common tool writes "../train/images" for a folder beside the yaml.
            entry.StartsWith("../", StringComparison.Ordinal) ? [Path.GetFullPath(Path.Combine(folder, entry[3..]))] : []).ToArray();
        var path = place.FirstOrDefault(at => Directory.Exists(at) || File.Exists(at))
            ?? throw new DatasetException(yaml, "", split, $"'{entry}' is neither a folder nor a list of images; tried {string.Join(", ", place)}");
        if (Directory.Exists(path))
            return Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Where(file => extensions.Contains(Path.GetExtension(file)))
                .Order(StringComparer.Ordinal)
                .Select(file => new Image(yaml, split, file, Path.GetRelativePath(path, file).Replace('\\', '/'), LabelPath(file)));
        var above = Path.GetDirectoryName(path)!;
        return DatasetFile.ReadLines(path).Select((line, i) => (Text: line.Trim(), Number: i + 1)).Where(line => line.Text.Length > 0)
            .Select(line => new Image(path, $"line {line.Number}", Path.GetFullPath(Path.Combine(above, line.Text)),
                NameOf(line.Text, split), LabelPath(Path.GetFullPath(Path.Combine(above, line.Text)))));
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
