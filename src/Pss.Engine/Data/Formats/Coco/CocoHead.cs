namespace Pss.Engine.Data.Formats;

/// <summary>First pass over a COCO file: reads categories and images.</summary>
internal sealed class CocoHead(string file, FaultLog faults, ImageFinder finder)
{
    private readonly List<ImageRecord> _images = [];
    private readonly HashSet<long> _imageIds = [];
    private bool _hasImages, _hasCategories;

    public JsonPlace Place { get; } = new();

    public List<Category> Categories { get; } = [];

    /// <summary>Categories with an id or name that another one has: a fault only if an object has them.</summary>
    public List<(Category Category, string Record, FieldFault Fault)> Repeated { get; } = [];

    /// <summary>The names that categories state as their parents.</summary>
    public HashSet<string> SuperCategories { get; } = new(StringComparer.Ordinal);

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
        string? name = null, parent = null;
        while (cursor.NextProperty())
        {
            if (cursor.Is("id"u8))
                Place.Id = Next(ref cursor, "id").Integer();
            else if (cursor.Is("name"u8))
                name = Next(ref cursor, "name").String();
            else if (cursor.Is("supercategory"u8))
                parent = Next(ref cursor, "supercategory").String();
            else
                Next(ref cursor, "").Skip();
        }
        if (parent is not null && parent != name)
            SuperCategories.Add(parent);
        var fault = Place.Id is null ? new FieldFault("id", "is missing or not an integer")
            : name is null ? new("name", "is missing or not a string")
            : null;
        if (fault is not null)
        {
            faults.Add(file, Place.Record, fault.Field, fault.Problem);
            return;
        }
        var category = new Category(Place.Id!.Value, name!);
        if (Categories.Any(other => other.Id == category.Id))
            faults.Add(file, Place.Record, "id", "is used twice");
        else if (Categories.Any(other => other.Name == name))
            Repeated.Add((category, Place.Record, new("name", $"'{name}' is used twice")));
        else
            Categories.Add(category);
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
            : null;
        if (fault is null && (width is null || height is null))
            fault = SizeOfFile(name!, ref width, ref height);
        fault ??= width is null ? new("width", "is missing or not a number")
            : height is null ? new("height", "is missing or not a number")
            : BoxRules.SizeProblem(width.Value, height.Value, finder.MaxPixels) is { } problem ? new("width, height", problem)
            : _imageIds.Add(Place.Id!.Value) ? null
            : new("id", "is used twice");
        string? path = null;
        fault ??= finder.Check(file, Place.Record, "file_name", name!, (int)width!, (int)height!, out path);
        if (fault is null)
        {
            _images.Add(new() { Id = Place.Id!.Value, FileName = name!, Width = (int)width!, Height = (int)height!, Path = path });
            return;
        }
        if (fault.Field != "id" && Place.Id is { } dropped)
            DroppedImages.Add(dropped);
        faults.Add(file, Place.Record, fault.Field, fault.Problem);
    }

    /// <summary>Takes the size that the annotation lacks from the image file.</summary>
    private FieldFault? SizeOfFile(string name, ref double? width, ref double? height)
    {
        if (finder.FindIfChecked(file, Place.Record, "file_name", name) is not { } path)
            return null;
        if (finder.Header(path, "file_name", out var header) is { } fault)
            return fault;
        faults.Note(file, Place.Record, "width, height", "sizes that are missing are taken from the image files");
        (width, height) = (header.Width, header.Height);
        return null;
    }

    /// <summary>Moves to the value of the property at the cursor.</summary>
    private ref JsonCursor Next(ref JsonCursor cursor, string field)
    {
        Place.Field = field;
        cursor.Read();
        return ref cursor;
    }
}
