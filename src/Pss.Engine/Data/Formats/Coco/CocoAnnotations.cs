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

    public CocoAnnotations(string file, FaultLog faults, CategoryTable table, IReadOnlyList<ImageRecord> images, HashSet<long> droppedImages)
    {
        (_file, _faults, _table, _images, _droppedImages) = (file, faults, table, images, droppedImages);
        _objects = new List<ObjectAnnotation>?[images.Count];
        _indexOfImage = new(images.Count);
        for (var i = 0; i < images.Count; i++)
            _indexOfImage.Add(images[i].Id, i);
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

    public ImageRecord[] ImagesWithObjects() => _hasAnnotations
        ? [.. _images.Select((image, i) => _objects[i] is { } objects ? image with { Objects = objects } : image)]
        : throw new DatasetException(_file, "", "annotations", "is missing; a COCO annotation file has images, annotations and categories");

    private void ReadAnnotation(ref JsonCursor cursor)
    {
        (_imageId, _categoryId, _area, _isCrowd, _box, _mask, _fault) = (null, null, null, false, null, null, null);
        while (cursor.NextProperty())
        {
            if (cursor.Is("id"u8))
                Place.Id = Integer(ref cursor, "id");
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
                _mask = _geometry.ReadMask(ref Next(ref cursor, "segmentation"), ref _fault);
            else
                Next(ref cursor, "").Skip();
        }
        AddObject();
    }

    private void AddObject()
    {
        if (_imageId is { } dropped && _droppedImages.Contains(dropped))
            return;
        _fault ??= MissingField();
        var index = -1;
        if (_fault is null && !_indexOfImage.TryGetValue(_imageId!.Value, out index))
            _fault = new("image_id", $"{_imageId} is not the id of an image");
        var label = _categoryId is { } id ? _table.Label(id) : null;
        if (_fault is null && label is null)
            _fault = new("category_id", $"{_categoryId} is not the id of a category (known: {_table.Known})");
        _fault ??= Geometry(_images[Math.Max(index, 0)]);
        if (_fault is null && !_ids.Add(Place.Id!.Value))
            _fault = new("id", "is used twice");
        if (_fault is not null)
        {
            _faults.Add(_file, Place.Record, _fault.Field, _fault.Problem);
            return;
        }
        var box = _box!.Value;
        (_objects[index] ??= []).Add(new()
        {
            Id = Place.Id!.Value,
            Label = label!.Value,
            Box = box,
            Area = _area ?? box.Area,
            IsCrowd = _isCrowd,
            Mask = _mask,
        });
    }

    private FieldFault? MissingField() => Place.Id is null ? new("id", "is missing")
        : _imageId is null ? new("image_id", "is missing")
        : _categoryId is null ? new("category_id", "is missing")
        : _box is null ? new("bbox", "is missing")
        : null;

    private FieldFault? Geometry(ImageRecord image)
    {
        if (BoxRules.Problem(_box!.Value, image.Width, image.Height) is { } box)
            return new("bbox", box);
        var mask = _mask switch
        {
            PolygonSegmentation polygons => Problem(polygons, image),
            RleSegmentation rle when (rle.Width, rle.Height) != (image.Width, image.Height)
                => $"the mask is {rle.Width} x {rle.Height}, but the image is {image.Width} x {image.Height}",
            RleSegmentation rle when rle.Counts.Sum(run => (long)run) != (long)rle.Width * rle.Height
                => $"the runs sum to {rle.Counts.Sum(run => (long)run)}, but {rle.Width} x {rle.Height} are {(long)rle.Width * rle.Height} pixels",
            _ => null,
        };
        return mask is null ? null : new("segmentation", mask);
    }

    private static string? Problem(PolygonSegmentation outline, ImageRecord image)
    {
        foreach (var polygon in outline.Polygons)
            if (BoxRules.Problem(polygon, image.Width, image.Height) is { } problem)
                return problem;
        return null;
    }

    private void ReadArea(ref JsonCursor cursor)
    {
        _area = Next(ref cursor, "area").Number();
        if (!(_area >= 0))
            _fault ??= new("area", "is not a finite number of at least 0");
    }

    private void ReadCrowd(ref JsonCursor cursor)
    {
        var kind = Next(ref cursor, "iscrowd").Kind;
        if (kind is JsonTokenType.True or JsonTokenType.False)
            _isCrowd = kind == JsonTokenType.True;
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
