using System.Text.Json;
using Pss.Engine.Evaluation;

namespace Pss.Engine.Data.Formats;

/// <summary>Parses a COCO results file.</summary>
internal sealed class CocoResultsParser(string file)
{
    private readonly CocoGeometry _geometry = new();
    private readonly List<DetectionResult> _results = [];

    public string Record => $"[{_results.Count}]";

    public string Field { get; private set; } = "";

    public List<DetectionResult> Read(ref JsonCursor cursor)
    {
        if (!cursor.Read() || cursor.Kind != JsonTokenType.StartArray)
            throw new DatasetException(file, "", "", "is not a JSON array; a COCO results file starts with [");
        while (cursor.NextItem())
        {
            Field = "";
            if (cursor.Kind != JsonTokenType.StartObject)
                throw new DatasetException(file, Record, "", "is not an object");
            _results.Add(ReadResult(ref cursor));
        }
        return _results;
    }

    private DetectionResult ReadResult(ref JsonCursor cursor)
    {
        long? imageId = null, categoryId = null;
        double? score = null;
        BoundingBox? box = null;
        Segmentation? mask = null;
        FieldFault? fault = null;
        while (cursor.NextProperty())
        {
            if (cursor.Is("image_id"u8))
                imageId = Next(ref cursor, "image_id").Integer();
            else if (cursor.Is("category_id"u8))
                categoryId = Next(ref cursor, "category_id").Integer();
            else if (cursor.Is("score"u8))
                score = Next(ref cursor, "score").Number();
            else if (cursor.Is("bbox"u8))
                box = _geometry.ReadBox(ref Next(ref cursor, "bbox"), ref fault);
            else if (cursor.Is("segmentation"u8))
                mask = _geometry.ReadMask(ref Next(ref cursor, "segmentation"), ref fault);
            else
                Next(ref cursor, "").Skip();
        }
        fault ??= imageId is null ? new("image_id", "is missing or not an integer")
            : categoryId is null ? new("category_id", "is missing or not an integer")
            : score is null ? new("score", "is missing or not a finite number")
            : mask is PolygonSegmentation ? new("segmentation", "holds polygons; results have run-length masks")
            : box is null && mask is null ? new("bbox", "is missing")
            : null;
        return fault is null
            ? new(imageId!.Value, categoryId!.Value, box ?? default, score!.Value, (RleSegmentation?)mask)
            : throw new DatasetException(file, Record, fault.Field, fault.Problem);
    }

    private ref JsonCursor Next(ref JsonCursor cursor, string field)
    {
        Field = field;
        cursor.Read();
        return ref cursor;
    }
}
