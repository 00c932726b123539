using System.Text.Json;

namespace Pss.Engine.Data.Formats;

/// <summary>Parses a VoTT JSON export.</summary>
internal sealed class VottJson(string file, ImageFinder finder, ImageBuilder images, FaultLog faults)
{
    private readonly List<string> _names = [];
    private readonly List<double> _points = [];
    private bool _hasAssets;

    public string Record { get; private set; } = "";

    public string Field { get; private set; } = "";

    /// <summary>Reads the top-level property whose name is at the cursor.</summary>
    public void Read(ref JsonCursor cursor)
    {
        var (isTags, isAssets) = (cursor.Is("tags"u8), cursor.Is("assets"u8));
        cursor.Read();
        if (isTags)
        {
            (Record, Field) = ("tags", "name");
            Array(ref cursor, ReadTag);
        }
        else if (isAssets && cursor.Kind == JsonTokenType.StartObject)
        {
            _hasAssets = true;
            while (cursor.NextProperty())
            {
                (Record, Field) = ($"assets[\"{cursor.Text}\"]", "");
                cursor.Read();
                Object(ref cursor, ReadAsset);
            }
        }
        else
        {
            cursor.Skip();
        }
        (Record, Field) = ("", "");
    }

    /// <summary>The tags.</summary>
    public List<string> Finish() => !_hasAssets || _names.Count == 0
        ? throw new DatasetException(file, "", _hasAssets ? "tags" : "assets", "is missing; a VoTT JSON export has tags and assets")
        : _names.Distinct().Count() < _names.Count ? throw new DatasetException(file, "tags", "name", "a name appears twice")
        : _names;

    private void ReadTag(ref JsonCursor cursor)
    {
        while (cursor.NextProperty())
        {
            var isName = cursor.Is("name"u8);
            cursor.Read();
            if (isName && cursor.String() is { Length: > 0 } name)
                _names.Add(name);
            else
                cursor.Skip();
        }
    }

    private void ReadAsset(ref JsonCursor cursor)
    {
        string? name = null;
        double? width = null, height = null;
        var regions = new List<Region>();
        while (cursor.NextProperty())
        {
            var (isAsset, isRegions) = (cursor.Is("asset"u8), cursor.Is("regions"u8));
            cursor.Read();
            if (isAsset)
                Object(ref cursor, (ref JsonCursor inner) => ReadDescription(ref inner, ref name, ref width, ref height));
            else if (isRegions)
                Array(ref cursor, (ref JsonCursor inner) => regions.Add(ReadRegion(ref inner)));
            else
                cursor.Skip();
        }
        var fault = string.IsNullOrEmpty(name) ? new FieldFault("asset.name", "is missing or not a string")
            : width is null || height is null ? new("asset.size", "is missing or does not hold numbers")
            : BoxRules.SizeProblem(width.Value, height.Value, finder.MaxPixels) is { } problem ? new("asset.size", problem)
            : null;
        string? path = null;
        fault ??= finder.Check(file, Record, "asset.name", name!, (int)width!, (int)height!, out path);
        if (fault is not null)
            faults.Add(file, Record, fault.Field, fault.Problem);
        else if (images.Start(file, Record, "asset.name", name!, (int)width!, (int)height!, path) is { } entry)
            AddRegions(regions, entry);
    }

    private static void ReadDescription(ref JsonCursor cursor, ref string? name, ref double? width, ref double? height)
    {
        while (cursor.NextProperty())
        {
            var (isName, isSize) = (cursor.Is("name"u8), cursor.Is("size"u8));
            cursor.Read();
            if (isName)
                name = cursor.String();
            else if (isSize && cursor.Kind == JsonTokenType.StartObject)
                (width, height) = ReadPair(ref cursor, "width"u8, "height"u8);
            else
                cursor.Skip();
        }
    }

    private Region ReadRegion(ref JsonCursor cursor)
    {
        var region = new Region();
        while (cursor.NextProperty())
        {
            var (isType, isTags, isBox, isPoints) = (cursor.Is("type"u8), cursor.Is("tags"u8), cursor.Is("boundingBox"u8), cursor.Is("points"u8));
            cursor.Read();
            if (isType)
                region.IsPolygon = cursor.String() == "POLYGON";
            else if (isTags && cursor.Kind == JsonTokenType.StartArray)
                while (cursor.NextItem())
                    region.Tags.Add(cursor.String() ?? "");
            else if (isBox && cursor.Kind == JsonTokenType.StartObject)
                region.Box = ReadBox(ref cursor);
            else if (isPoints && cursor.Kind == JsonTokenType.StartArray)
                region.Points = ReadPoints(ref cursor);
            else
                cursor.Skip();
        }
        return region;
    }

    private static BoundingBox? ReadBox(ref JsonCursor cursor)
    {
        double? left = null, top = null, width = null, height = null;
        while (cursor.NextProperty())
        {
            var (isLeft, isTop, isWidth, isHeight) = (cursor.Is("left"u8), cursor.Is("top"u8), cursor.Is("width"u8), cursor.Is("height"u8));
            cursor.Read();
            var value = cursor.Number();
            if (isLeft)
                left = value;
            else if (isTop)
                top = value;
            else if (isWidth)
                width = value;
            else if (isHeight)
                height = value;
        }
        return left is { } x && top is { } y && width is { } w && height is { } h ? new(x, y, w, h) : null;
    }

    private double[]? ReadPoints(ref JsonCursor cursor)
    {
        _points.Clear();
        var good = true;
        while (cursor.NextItem())
        {
            var (x, y) = cursor.Kind == JsonTokenType.StartObject ? ReadPair(ref cursor, "x"u8, "y"u8) : (null, null);
            good &= x is not null && y is not null;
            _points.Add(x ?? 0);
            _points.Add(y ?? 0);
            cursor.Skip();
        }
        return good ? [.. _points] : null;
    }

    private static (double? First, double? Second) ReadPair(ref JsonCursor cursor, ReadOnlySpan<byte> firstName, ReadOnlySpan<byte> secondName)
    {
        double? first = null, second = null;
        while (cursor.NextProperty())
        {
            var (isFirst, isSecond) = (cursor.Is(firstName), cursor.Is(secondName));
            cursor.Read();
            var value = cursor.Number();
            if (isFirst)
                first = value;
            else if (isSecond)
                second = value;
        }
        return (first, second);
    }

    private void AddRegions(List<Region> regions, ImageBuilder.Entry entry)
    {
        for (var i = 0; i < regions.Count; i++)
        {
            var (region, record) = (regions[i], $"{Record}.regions[{i}]");
            var outline = region.IsPolygon ? region.Points ?? [] : null;
            var box = region.Box ?? (outline is { Length: >= 6 } ? BoxRules.Around(outline) : null);
            var fault = region.Tags.Count == 0 ? new("tags", "is missing or empty")
                : box is null ? new FieldFault("boundingBox", "is missing or does not hold numbers")
                : null;
            if (fault is not null)
            {
                images.Skip(entry, record, fault.Field, fault.Problem);
                continue;
            }
            if (outline is not null && BoxRules.Problem(outline, entry.Width, entry.Height) is not null)
            {
                faults.Note(file, record, "points", "masks that are invalid are dropped, the boxes stay");
                outline = null;
            }
            foreach (var tag in region.Tags.Distinct())
                images.Add(entry, record, "boundingBox", "tags", tag, box!.Value, mask: outline is null ? null : new PolygonSegmentation([outline]));
        }
    }

    private void Object(ref JsonCursor cursor, JsonSection read)
    {
        if (cursor.Kind == JsonTokenType.StartObject)
        {
            read(ref cursor);
            return;
        }
        faults.Add(file, Record, Field, "is not an object");
        cursor.Skip();
    }

    private void Array(ref JsonCursor cursor, JsonSection readItem)
    {
        if (cursor.Kind != JsonTokenType.StartArray)
        {
            faults.Add(file, Record, Field, "is not an array");
            cursor.Skip();
            return;
        }
        while (cursor.NextItem())
            Object(ref cursor, readItem);
    }

    private sealed class Region
    {
        public bool IsPolygon { get; set; }
        public List<string> Tags { get; } = [];
        public BoundingBox? Box { get; set; }
        public double[]? Points { get; set; }
    }
}
