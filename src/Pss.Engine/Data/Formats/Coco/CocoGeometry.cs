using System.Text.Json;
using Pss.Engine.Data.Images;

namespace Pss.Engine.Data.Formats;

/// <summary>Reads boxes and masks as COCO's JSON files write them.</summary>
internal sealed class CocoGeometry
{
    private readonly List<double> _numbers = [];
    private readonly List<double[]> _polygons = [];

    /// <summary>Reads the box at the cursor; null if there is none, or, with a fault, if it is not a box.</summary>
    public BoundingBox? ReadBox(ref JsonCursor cursor, ref FieldFault? fault)
    {
        if (cursor.Kind == JsonTokenType.Null)
            return null;
        var good = ReadNumbers(ref cursor);
        if (good && _numbers.Count == 0)
            return null;
        if (good && _numbers.Count == 4)
            return new(_numbers[0], _numbers[1], _numbers[2], _numbers[3]);
        fault ??= new("bbox", "is not an array of four finite numbers: x, y, width, height");
        return null;
    }

    /// <summary>Reads the mask at the cursor; null if it is empty or faulty.</summary>
    public Segmentation? ReadMask(ref JsonCursor cursor, ref FieldFault? fault)
    {
        if (cursor.Kind == JsonTokenType.StartObject)
            return ReadRuns(ref cursor, ref fault);
        if (cursor.Kind == JsonTokenType.StartArray)
            return ReadPolygons(ref cursor, ref fault);
        if (cursor.Kind != JsonTokenType.Null)
            fault ??= new("segmentation", "is neither polygons nor a run-length mask");
        return null;
    }

    private PolygonSegmentation? ReadPolygons(ref JsonCursor cursor, ref FieldFault? fault)
    {
        _polygons.Clear();
        while (cursor.NextItem())
        {
            if (ReadNumbers(ref cursor))
                _polygons.Add([.. _numbers]);
            else
                fault ??= new("segmentation", "is not an array of arrays of finite numbers");
        }
        return _polygons.Count > 0 ? new(_polygons.ToArray()) : null;
    }

    private RleSegmentation? ReadRuns(ref JsonCursor cursor, ref FieldFault? fault)
    {
        int[]? size = null, counts = null;
        string? compressed = null;
        while (cursor.NextProperty())
        {
            var isSize = cursor.Is("size"u8);
            var isCounts = cursor.Is("counts"u8);
            cursor.Read();
            if (isCounts && cursor.Kind == JsonTokenType.String)
                compressed = cursor.Text;
            else if ((isSize || isCounts) && ReadNumbers(ref cursor) && _numbers.All(n => n >= 0 && n <= RgbImage.MaxPixels && n == Math.Floor(n)))
                (isSize ? ref size : ref counts) = [.. _numbers.Select(n => (int)n)];
            else
                cursor.Skip();
        }
        if (size is { Length: 2 } && (counts is null) != (compressed is null))
            return counts is not null ? new(size[0], size[1], counts) : Decompress(size[0], size[1], compressed!, ref fault);
        fault ??= new("segmentation", "a run-length mask has a size of height and width and counts of whole numbers from 0 up, or their compressed text");
        return null;
    }

    private static RleSegmentation? Decompress(int height, int width, string counts, ref FieldFault? fault)
    {
        try
        {
            return RleSegmentation.FromCompressed(height, width, counts);
        }
        catch (FormatException broken)
        {
            fault ??= new("segmentation", broken.Message);
            return null;
        }
    }

    /// <summary>Reads the array at the cursor; false, with the value skipped, if not all items are finite numbers.</summary>
    private bool ReadNumbers(ref JsonCursor cursor)
    {
        _numbers.Clear();
        if (cursor.Kind != JsonTokenType.StartArray)
        {
            cursor.Skip();
            return false;
        }
        var good = true;
        while (cursor.NextItem())
        {
            if (cursor.Number() is { } number)
                _numbers.Add(number);
            else
                good = false;
        }
        return good;
    }
}
