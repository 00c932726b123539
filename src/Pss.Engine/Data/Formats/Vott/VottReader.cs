using System.Text.Json;
using Pss.Engine.Data.Images;

namespace Pss.Engine.Data.Formats;

/// <summary>Reads exports of VoTT, Microsoft's labeling tool: the JSON export (NAME-export.json) and the CSV export.</summary>
/// <remarks>A region with several tags becomes one object per tag. Polygon regions keep their outline as a mask. The CSV holds no image sizes: they
/// are read from the headers of the image files.</remarks>
internal static class VottReader
{
    private static readonly string[] Columns = ["image", "xmin", "ymin", "xmax", "ymax", "label"];

    /// <summary>Reads a CSV export if the extension is .csv, else a JSON export.</summary>
    /// <param name="path">The export. Images are searched in <see cref="ReadOptions.ImageFolder"/>, else beside the file and in "images".</param>
    /// <param name="options">How to read; null takes the defaults.</param>
    /// <exception cref="DatasetException">The file is invalid; the message names file, record and field.</exception>
    public static DetectionDataset Read(string path, ReadOptions? options = null)
    {
        options ??= new();
        options.Validate();
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var faults = new FaultLog(options.OnInvalid);
        var finder = new ImageFinder(options, faults, folder, folder, Path.Combine(folder, "images"));
        var images = new ImageBuilder(faults);
        IEnumerable<string> names;
        if (path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase))
        {
            ReadCsv(path, finder, images, faults);
            names = options.Categories ?? images.CategoryNames;
        }
        else
        {
            names = ReadJson(path, finder, images, faults);
        }
        var table = CategoryTable.FromNames(names, options.Categories);
        return images.ToDataset(Path.GetFileNameWithoutExtension(path), table, options);
    }

    private static List<string> ReadJson(string path, ImageFinder finder, ImageBuilder images, FaultLog faults)
    {
        var parser = new VottJson(path, finder, images, faults);
        using var stream = DatasetFile.Open(path);
        try
        {
            var cursor = new JsonCursor(stream);
            if (!cursor.Read() || cursor.Kind != JsonTokenType.StartObject)
                throw new DatasetException(path, "", "", "is not a JSON object; a VoTT export starts with {");
            while (cursor.NextProperty())
                parser.Read(ref cursor);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            throw new DatasetException(path, parser.Record, parser.Field, JsonPlace.Problem(fault), fault);
        }
        return parser.Finish();
    }

    private static void ReadCsv(string path, ImageFinder finder, ImageBuilder images, FaultLog faults)
    {
        var entries = new Dictionary<string, ImageBuilder.Entry?>(StringComparer.Ordinal);
        using var reader = new CsvLines(path);
        if (reader.Next() is not { } header || !header.SequenceEqual(Columns))
            throw new DatasetException(path, "line 1", "", $"the columns of a VoTT CSV are {string.Join(",", Columns)}");
        while (reader.Next() is { } cells)
        {
            if (ReadRow(cells, path, $"line {reader.Line}", entries, finder, images, faults) is { } fault)
                faults.Add(path, $"line {reader.Line}", fault.Field, fault.Problem);
        }
    }

    private static FieldFault? ReadRow(List<string> cells, string path, string record, Dictionary<string, ImageBuilder.Entry?> entries,
        ImageFinder finder, ImageBuilder images, FaultLog faults)
    {
        if (cells.Count != Columns.Length)
            return new("", $"the row has {cells.Count} cells; it needs {Columns.Length}");
        Span<double> corners = stackalloc double[4];
        for (var i = 0; i < 4; i++)
            if (!Numbers.TryParse(cells[i + 1], out corners[i]))
                return new(Columns[i + 1], Numbers.Problem(cells[i + 1]));
        if (cells[5].Length == 0)
            return new("label", "is missing");
        if (!entries.TryGetValue(cells[0], out var entry))
        {
            var found = finder.FindAnySpelling(path, record, "image", cells[0]);
            var header = default(ImageHeader);
            var fault = found is null ? new("image", finder.Missing(cells[0])) : finder.Header(found, "image", out header);
            entry = fault is null ? images.Start(path, record, "image", cells[0], header.Width, header.Height, found) : null;
            entries.Add(cells[0], entry);
            if (fault is not null)
                return fault;
        }
        // The fault of a skipped image is listed once.
        if (entry is not null)
            images.Add(entry, record, "xmin, ymin, xmax, ymax", "label", cells[5], BoundingBox.FromCorners(corners[0], corners[1], corners[2], corners[3]));
        return null;
    }
}
