namespace Pss.Engine.Data.Formats;

/// <summary>First pass over a COCO file: reads categories and images.</summary>
internal sealed class CocoHead(string file, FaultLog faults, ImageFinder finder)
{
    private readonly List<ImageRecord> _images = [];
    private readonly HashSet<long> _imageIds = [];
    private bool _hasImages, _hasCategories;

    public JsonPlace Place { get; } = new();

    public List<Category> Categories { get; } = [];

    /// <summary>Ids of the skipped images, whose annotations are skipped too.</summary>
    public HashSet<long> DroppedImages { get; } = [];

    public void Read(ref JsonCursor cursor)
    {
        if (cursor.Is("categories"u8))
        {
            _hasCategories = true;
            Place.EachRecord(ref cursor, file, faults, ReadCategory);
        }
        else if (cursor.Is("images"u8))
        {
            _hasImages = true;
            Place.EachRecord(ref cursor, file, faults, ReadImage);
        }
        else
        {
            cursor.Read();
            cursor.Skip();
        }
    }

    /// <summary>The valid images, with their paths.</summary>
    /// <exception cref="DatasetException">The file has no images, or no categories.</exception>
    public List<ImageRecord> Images => _hasImages && _hasCategories ? _images
        : throw new DatasetException(file, "", _hasImages ? "categories" : "images", "is missing; a COCO annotation file has images, annotations and categories");

    private void ReadCategory(ref JsonCursor cursor)
    {
        string? name = null;
        while (cursor.NextProperty())
        {
            if (cursor.Is("id"u8))
                Place.Id = Next(ref cursor, "id").Integer();
            else if (cursor.Is("name"u8))
                name = Next(ref cursor, "name").String();
            else
                Next(ref cursor, "").Skip();
        }
        var fault = Place.Id is null ? new FieldFault("id", "is missing or not an integer")
            : name is null ? new("name", "is missing or not a string")
            : Categories.Any(other => other.Id == Place.Id) ? new("id", "is used twice")
            : Categories.Any(other => other.Name == name) ? new("name", $"'{name}' is used twice")
            : null;
        if (fault is null)
            Categories.Add(new(Place.Id!.Value, name!));
        else
            faults.Add(file, Place.Record, fault.Field, fault.Problem);
    }

    private void ReadImage(ref JsonCursor cursor)
    {
        string? name = null;
        double? width = null, height = null;
        while (cursor.NextProperty())
        {
            if (cursor.Is("id"u8))
                Place.Id = Next(ref cursor, "id").Integer();
            else if (cursor.Is("file_name"u8))
                name = Next(ref cursor, "file_name").String();
            else if (cursor.Is("width"u8))
                width = Next(ref cursor, "width").Number();
            else if (cursor.Is("height"u8))
                height = Next(ref cursor, "height").Number();
            else
                Next(ref cursor, "").Skip();
        }
        var fault = Place.Id is null ? new FieldFault("id", "is missing or not an integer")
            : string.IsNullOrEmpty(name) ? new("file_name", "is missing or not a string")
            : width is null ? new("width", "is missing or not a number")
            : height is null ? new("height", "is missing or not a number")
            : BoxRules.SizeProblem(width.Value, height.Value, finder.MaxPixels) is { } problem ? new("width, height", problem)
            : _imageIds.Add(Place.Id.Value) ? null
            : new("id", "is used twice");
        string? path = null;
        fault ??= finder.Check("file_name", name!, (int)width!, (int)height!, out path);
        if (fault is null)
        {
            _images.Add(new() { Id = Place.Id!.Value, FileName = name!, Width = (int)width!, Height = (int)height!, Path = path });
            return;
        }
        if (fault.Field != "id" && Place.Id is { } dropped)
            DroppedImages.Add(dropped);
        faults.Add(file, Place.Record, fault.Field, fault.Problem);
    }

    /// <summary>Moves to the value of the property at the cursor.</summary>
    private ref JsonCursor Next(ref JsonCursor cursor, string field)
    {
        Place.Field = field;
        cursor.Read();
        return ref cursor;
    }
}
