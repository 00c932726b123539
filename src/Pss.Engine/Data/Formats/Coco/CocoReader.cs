using System.Text.Json;

namespace Pss.Engine.Data.Formats;

/// <summary>Reads COCO annotation files (instances_*.json): categories, images, boxes, areas, crowd flags, polygons and run-length masks.</summary>
/// <remarks>The file is streamed twice, first for categories and images, then for the annotations, so that only the result is in memory.
/// Labels follow the categories in ascending order of id.</remarks>
internal static class CocoReader
{
    /// <summary>Reads a file.</summary>
    /// <param name="path">The JSON file. Images are searched in <see cref="ReadOptions.ImageFolder"/>, else beside the file, in "images" beside
    /// or above it, in "data" beside it (FiftyOne), and in a folder with the last part of the file's name (train2017 for instances_train2017.json).</param>
    /// <param name="options">How to read; null takes the defaults.</param>
    /// <exception cref="DatasetException">The file is invalid; the message names file, record and field.</exception>
    public static DetectionDataset Read(string path, ReadOptions? options = null)
    {
        options ??= new();
        options.Validate();
        var faults = new FaultLog(options.OnInvalid);
        var head = new CocoHead(path, faults, Finder(path, faults, options));
        ParseHead(path, head);
        var table = new CategoryTable([.. head.Categories.OrderBy(category => category.Id)], options.Categories);
        var body = new CocoAnnotations(path, faults, table, head);
        Parse(path, body.Place, body.Read);
        var (categories, images) = options.Categories is null ? body.WithoutParentCategory() : (table.Categories, body.ImagesWithObjects());
        return faults.ToDataset(Path.GetFileNameWithoutExtension(path), categories, images, options);
    }

    /// <summary>The first pass skips the annotations; if their JSON is broken, reading them finds the record for the message.</summary>
    private static void ParseHead(string path, CocoHead head)
    {
        try
        {
            Parse(path, head.Place, head.Read);
        }
        catch (DatasetException fault) when (fault is { Record: "", InnerException: not null })
        {
            var body = new CocoAnnotations(path, new FaultLog(OnInvalid.Skip), new CategoryTable([], null), null);
            Parse(path, body.Place, body.Read);
            throw;
        }
    }

    private static ImageFinder Finder(string path, FaultLog faults, ReadOptions options)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var above = Path.GetDirectoryName(folder) ?? folder;
        var split = Path.GetFileNameWithoutExtension(path).Split('_')[^1];
        var root = Path.GetFileName(folder).Equals("annotations", StringComparison.OrdinalIgnoreCase) ? above : folder;
        return new(options, faults, root, Path.Combine(folder, "images"), folder, Path.Combine(above, "images"), Path.Combine(folder, split),
            Path.Combine(above, split), Path.Combine(above, "images", split), Path.Combine(folder, "images", split), Path.Combine(folder, "data"), above);
    }

    private static void Parse(string path, JsonPlace place, JsonSection read)
    {
        using var stream = DatasetFile.Open(path);
        try
        {
            var cursor = new JsonCursor(stream);
            if (!cursor.Read() || cursor.Kind != JsonTokenType.StartObject)
                throw new DatasetException(path, "", "", "is not a JSON object; a COCO file starts with {");
            while (cursor.NextProperty())
                read(ref cursor);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            throw new DatasetException(path, place.Record, place.Field, JsonPlace.Problem(fault), fault);
        }
    }
}
