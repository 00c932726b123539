using System.Text;
using System.Text.Json;

namespace Pss.Engine.Data.Formats;

/// <summary>Recognizes annotation formats.</summary>
internal static class DatasetFormats
{
    private const string SearchedFor = "COCO (a .json with \"images\" and \"annotations\", here or in annotations/), Pascal VOC (.xml, here or in Annotations/), "
        + "YOLO (a .yaml with \"names\"), VoTT (a .json with \"assets\", a .csv with image,xmin,ymin,xmax,ymax,label)";

    private static readonly string[] UsualSplits = ["train", "val", "test"];

    /// <summary>Finds the format of a file or folder, and the file (for VOC, possibly the folder) to read.</summary>
    /// <param name="path">An annotation file, or a folder that holds one dataset.</param>
    /// <param name="split">Selects, among several annotation files of a folder, the one with this word in its name.</param>
    /// <param name="only">The format, if it is known.</param>
    /// <exception cref="DatasetException">No dataset was found (the message lists what was searched), or several were.</exception>
    public static (DatasetFormat Format, string File) Recognize(string path, string? split = null, DatasetFormat? only = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (File.Exists(path) && split is not null && !HasSplits(path))
            throw new DatasetException(path, "", "", $"is one annotation file, which has no splits: leave out {nameof(ReadOptions)}.{nameof(ReadOptions.Split)} '{split}'");
        if (File.Exists(path) && only is { } known)
            return (known, path);
        if (File.Exists(path))
            return (OfFile(path) ?? throw new DatasetException(path, "", "", $"is not in a known format: {SearchedFor}"), path);
        if (!Directory.Exists(path))
            throw new DatasetException(path, "", "", "is neither a file nor a folder; give the path of an existing one");
        var found = new List<(DatasetFormat Format, string File)>();
        foreach (var file in Candidates(path))
            if (OfFile(file) is { } format)
                found.Add((format, file));
        if (HoldsXml(path, "", "Annotations") || (found.Count == 0 && split is null && HoldsXml(path, "train", "val", "valid", "test")))
            found.Add((DatasetFormat.Voc, path));
        // Roboflow has a folder for each split.
        if (found.Count == 0 && split is not null && new[] { split, split == "val" ? "valid" : split }.Select(name => Path.Combine(path, name)).FirstOrDefault(Directory.Exists) is { } own)
            return Recognize(own, null, only) is var inside && inside.Format == DatasetFormat.Voc ? (DatasetFormat.Voc, path) : inside;
        if (only is not null)
            found.RemoveAll(item => item.Format != only);
        if (found.Count > 1 && split is not null)
            found = found.FindAll(item => Path.GetFileName(item.File).Contains(split, StringComparison.OrdinalIgnoreCase));
        // COCO's own folder has captions and keypoints beside the instances.
        if (found.Count > 1 && found.FindAll(item => Path.GetFileName(item.File).StartsWith("instances_", StringComparison.Ordinal)) is { Count: > 0 } instances)
            found = instances;
        return found.Count switch
        {
            1 => found[0],
            0 => throw new DatasetException(path, "", "", $"holds no dataset{(split is null ? "" : $" of the split '{split}'")}; searched for {SearchedFor}"),
            _ => throw new DatasetException(path, "", "", $"holds several datasets; give the path of one, or set {nameof(ReadOptions)}.{nameof(ReadOptions.Split)}: "
                + string.Join(", ", found.Select(item => Path.GetRelativePath(path, item.File)))),
        };
    }

    /// <summary>The splits of a dataset, of the usual names; see <see cref="DatasetFiles"/>.</summary>
    public static string[] Splits(string path) => [.. UsualSplits.Where(split => IsSplit(path, split))];

    private static bool IsSplit(string path, string split)
    {
        try
        {
            var (format, file) = Recognize(path, Directory.Exists(path) && !Candidates(path).Any(HasSplits) ? split : null);
            return format switch
            {
                DatasetFormat.Yolo => YoloConfig.Read(file).Splits.ContainsKey(split),
                DatasetFormat.Voc => Directory.Exists(file) && VocReader.HasSplit(file, split),
                _ => Directory.Exists(path) && Path.GetRelativePath(path, file).Contains(split, StringComparison.OrdinalIgnoreCase),
            };
        }
        catch (DatasetException)
        {
            return false;
        }
    }

    private static bool HasSplits(string file) => Path.GetExtension(file).ToLowerInvariant() is ".yaml" or ".yml";

    private static bool HoldsXml(string path, params string[] folders)
        => folders.Select(name => Path.Combine(path, name)).Any(folder => Directory.Exists(folder) && Directory.EnumerateFiles(folder, "*.xml").Any());

    private static IEnumerable<string> Candidates(string folder) =>
        new[] { folder, Path.Combine(folder, "annotations") }.Where(Directory.Exists).SelectMany(Directory.EnumerateFiles)
            .Where(file => Path.GetExtension(file).ToLowerInvariant() is ".json" or ".yaml" or ".yml" or ".csv").Order(StringComparer.Ordinal);

    private static DatasetFormat? OfFile(string file) => Path.GetExtension(file).ToLowerInvariant() switch
    {
        ".json" => OfJson(file),
        ".xml" => DatasetFormat.Voc,
        ".yaml" or ".yml" when Contains(file, "names") => DatasetFormat.Yolo,
        ".csv" when Contains(file, "xmin") => DatasetFormat.Vott,
        _ => null,
    };

    /// <summary>Whether a word is among the first 64 KB of a text file.</summary>
    private static bool Contains(string file, string word)
    {
        using var stream = DatasetFile.Open(file);
        var head = new byte[1 << 16];
        return Encoding.UTF8.GetString(head, 0, stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)).Contains(word, StringComparison.Ordinal);
    }

    private static DatasetFormat? OfJson(string file)
    {
        using var stream = DatasetFile.Open(file);
        try
        {
            var cursor = new JsonCursor(stream);
            if (!cursor.Read() || cursor.Kind != JsonTokenType.StartObject)
                return null;
            while (cursor.NextProperty())
            {
                if (cursor.Is("images"u8) || cursor.Is("annotations"u8))
                    return DatasetFormat.Coco;
                if (cursor.Is("assets"u8))
                    return DatasetFormat.Vott;
                cursor.Read();
                cursor.Skip();
            }
            return null;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            throw new DatasetException(file, "", "", JsonPlace.Problem(fault), fault);
        }
    }
}
