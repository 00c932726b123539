using System.Text.Json;

namespace Pss.Engine.Data.Formats;

/// <summary>Second pass over a COCO file: reads the annotations and assigns each to its image.</summary>
internal sealed class CocoAnnotations
{
    private readonly string _file;
    private readonly FaultLog _faults;
    private readonly CategoryTable _table;
    private readonly IReadOnlyList<ImageRecord> _images;
    private readonly HashSet<long> _droppedImages;
    private readonly Dictionary<long, (string Record, FieldFault Fault)> _repeatedCategories = [];
    private readonly IReadOnlySet<string> _superCategories;
    private readonly HashSet<int> _usedLabels = [];
    private readonly List<(int Image, int Object)> _withoutId = [];
    private readonly Dictionary<int, int> _skippedOfImage = [];
    private readonly Dictionary<long, int> _indexOfImage;
    private readonly List<ObjectAnnotation>?[] _objects;
    private readonly IdSet _ids = new();
    private readonly CocoGeometry _geometry = new();
    private bool _hasAnnotations;

    private long? _imageId, _categoryId;
    private double? _area;
    private bool _isCrowd;
    private BoundingBox? _box;
    private Segmentation? _mask;
    private FieldFault? _fault;
    private FieldFault? _maskFault;
    private long _lastId;

    /// <summary>Makes a second pass.</summary>
    /// <param name="file">The file.</param>
    /// <param name="faults">Receives faults and notes.</param>
    /// <param name="table">The categories.</param>
    /// <param name="head">What the first pass found; null for a file without images, whose annotations are read for their faults alone.</param>
    public CocoAnnotations(string file, FaultLog faults, CategoryTable table, CocoHead? head)
    {
        (_file, _faults, _table, _images, _droppedImages) = (file, faults, table, head?.Images ?? [], head?.DroppedImages ?? []);
        _superCategories = head?.SuperCategories ?? [];
        foreach (var (category, record, fault) in head?.Repeated ?? [])
            _repeatedCategories.TryAdd(category.Id, (record, fault));
        _objects = new List<ObjectAnnotation>?[_images.Count];
        _indexOfImage = new(_images.Count);
        for (var i = 0; i < _images.Count; i++)
            _indexOfImage.Add(_images[i].Id, i);
    }

    public JsonPlace Place { get; } = new();

    public void Read(ref JsonCursor cursor)
    {
        if (cursor.Is("annotations"u8))
        {
            _hasAnnotations = true;
            Place.EachRecord(ref cursor, _file, _faults, ReadAnnotation);
            return;
        }
        cursor.Read();
        cursor.Skip();
    }

    public ImageRecord[] ImagesWithObjects()
    {
        if (!_hasAnnotations)
            throw new DatasetException(_file, "", "annotations", "is missing; a COCO annotation file has images, annotations and categories");
        foreach (var (_, (record, fault)) in _repeatedCategories)
            _faults.Note(_file, record, fault.Field, "categories that repeat a name and that no object has are passed over");
        foreach (var (image, item) in _withoutId)
            _objects[image]![item] = _objects[image]![item] with { Id = ++_lastId };
        return [.. _images.Select((image, i) => image with { Objects = _objects[i] ?? [], SkippedObjects = _skippedOfImage.GetValueOrDefault(i) })];
    }

    /// <summary>Categories and images without Roboflow's first category, which has id 0, names the dataset and belongs to no object.</summary>
    public (IReadOnlyList<Category> Categories, ImageRecord[] Images) WithoutParentCategory()
    {
        var images = ImagesWithObjects();
        if (_table.Categories is not [{ Id: 0 } parent, _, ..] || _usedLabels.Contains(0) || !_superCategories.Contains(parent.Name))
            return (_table.Categories, images);
        _faults.Note(_file, "categories", "", $"'{parent.Name}', the parent of the other categories, is no class");
        return ([.. _table.Categories.Skip(1)], [.. images.Select(image => image with { Objects = [.. image.Objects.Select(item => item with { Label = item.Label - 1 })] })]);
    }

    private void ReadAnnotation(ref JsonCursor cursor)
    {
        (_imageId, _categoryId, _area, _isCrowd, _box, _mask, _fault, _maskFault) = (null, null, null, false, null, null, null, null);
        while (cursor.NextProperty())
        {
            if (cursor.Is("id"u8))
                Place.Id = Next(ref cursor, "id").Integer();
            else if (cursor.Is("image_id"u8))
                _imageId = Integer(ref cursor, "image_id");
            else if (cursor.Is("category_id"u8))
                _categoryId = Integer(ref cursor, "category_id");
            else if (cursor.Is("area"u8))
                ReadArea(ref cursor);
            else if (cursor.Is("iscrowd"u8))
                ReadCrowd(ref cursor);
            else if (cursor.Is("bbox"u8))
                _box = _geometry.ReadBox(ref Next(ref cursor, "bbox"), ref _fault);
            else if (cursor.Is("segmentation"u8))
                _mask = _geometry.ReadMask(ref Next(ref cursor, "segmentation"), ref _maskFault);
            else
                Next(ref cursor, "").Skip();
        }
        AddObject();
    }

    private void AddObject()
    {
        if (_imageId is { } dropped && _droppedImages.Contains(dropped))
            return;
        _fault ??= _imageId is null ? new("image_id", "is missing") : _categoryId is null ? new("category_id", "is missing") : null;
        var index = -1;
        if (_fault is null && !_indexOfImage.TryGetValue(_imageId!.Value, out index))
            _fault = new("image_id", $"{_imageId} is not the id of an image");
        var label = _categoryId is { } id ? _table.Label(id) : null;
        if (_fault is null && label is null)
            _fault = _repeatedCategories.Remove(_categoryId!.Value, out var repeated) ? new("category_id", $"{_categoryId} is {repeated.Record}, whose {repeated.Fault.Field} {repeated.Fault.Problem}")
                : new("category_id", $"{_categoryId} is not the id of a category (known: {_table.Known})");
        if (_fault is null)
            CheckMask(_images[index]);
        if (_fault is null && _box is null)
            BoxOfMask();
        if (_fault is not null)
        {
            _faults.Add(_file, Place.Record, _fault.Field, _fault.Problem);
            if (_imageId is { } image && _indexOfImage.TryGetValue(image, out index))
                CountSkipped(index);
            return;
        }
        var (width, height) = (_images[index].Width, _images[index].Height);
        var isSkipped = false;
        // Names a record only where one is needed: a file has millions of them.
        var box = BoxCheck.IsGood(_box!.Value, width, height) ? _box : BoxCheck.Apply(_faults, _file, Place.Record, "bbox", _box.Value, width, height, out isSkipped);
        if (box is { } used)
            Add(index, label!.Value, used);
        else if (isSkipped)
            CountSkipped(index);
    }

    private void CountSkipped(int image) => _skippedOfImage[image] = _skippedOfImage.GetValueOrDefault(image) + 1;

    private void Add(int image, int label, BoundingBox box)
    {
        // COCO has seven objects an image.
        var objects = _objects[image] ??= new(8);
        if (Place.Id is { } id && _ids.Add(id))
        {
            _lastId = Math.Max(_lastId, id);
        }
        else
        {
            _faults.Note(_file, Place.Record, "id", Place.Id is null ? "ids that are missing are given anew" : "ids that are used twice are given anew");
            _withoutId.Add((image, objects.Count));
        }
        _usedLabels.Add(label);
        objects.Add(new() { Id = Place.Id ?? 0, Label = label, Box = box, Area = _area ?? box.Area, IsCrowd = _isCrowd, Mask = _mask });
    }

    /// <summary>Drops a mask that is invalid: the box needs none.</summary>
    private void CheckMask(ImageRecord image)
    {
        _maskFault ??= _mask switch
        {
            PolygonSegmentation polygons when Problem(polygons, image) is { } problem => new("segmentation", problem),
            RleSegmentation rle when (rle.Width, rle.Height) != (image.Width, image.Height) => new("segmentation", "the mask is of another size than the image"),
            RleSegmentation rle when rle.Counts.Sum(run => (long)run) != (long)rle.Width * rle.Height => new("segmentation", "the runs do not sum to the number of pixels"),
            _ => null,
        };
        if (_maskFault is null)
            return;
        _faults.Note(_file, Place.Record, "segmentation", "masks that are invalid are dropped, the boxes stay");
        _mask = null;
    }

    /// <summary>The box of an object that states only its polygons.</summary>
    private void BoxOfMask()
    {
        if (_mask is not PolygonSegmentation outline)
        {
            _fault = new("bbox", "is missing");
            return;
        }
        _box = BoxRules.Around([.. outline.Polygons.SelectMany(polygon => polygon)]);
        _faults.Note(_file, Place.Record, "bbox", "boxes that are missing are those around the polygons");
    }

    private static string? Problem(PolygonSegmentation outline, ImageRecord image)
    {
        foreach (var polygon in outline.Polygons)
            if (BoxRules.Problem(polygon, image.Width, image.Height) is { } problem)
                return problem;
        return null;
    }

    /// <summary>Reads the area, which decides about nothing but the size in the evaluation.</summary>
    private void ReadArea(ref JsonCursor cursor)
    {
        _area = Next(ref cursor, "area").Number();
        if (_area >= 0)
            return;
        _faults.Note(_file, Place.Record, "area", "areas that are no number from 0 up are those of the boxes");
        _area = null;
    }

    private void ReadCrowd(ref JsonCursor cursor)
    {
        var kind = Next(ref cursor, "iscrowd").Kind;
        if (kind is JsonTokenType.True or JsonTokenType.False)
            _isCrowd = kind == JsonTokenType.True;
        else if (kind == JsonTokenType.Null)
            _faults.Note(_file, Place.Record, "iscrowd", "null counts as 0");
        else if (cursor.Integer() is { } flag and (0 or 1))
            _isCrowd = flag == 1;
        else
            _fault ??= new("iscrowd", "is neither 0 nor 1");
    }

    private long? Integer(ref JsonCursor cursor, string field)
    {
        var value = Next(ref cursor, field).Integer();
        if (value is null)
            _fault ??= new(field, "is not an integer");
        return value;
    }

    private ref JsonCursor Next(ref JsonCursor cursor, string field)
    {
        Place.Field = field;
        cursor.Read();
        return ref cursor;
    }
}
