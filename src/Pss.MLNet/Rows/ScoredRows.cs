using Microsoft.ML;
using Microsoft.ML.Data;
using Pss.Engine.Data;
using Pss.Engine.Inference;

namespace Pss.MLNet.Rows;

/// <summary>Reads rows that carry annotations and detections.</summary>
internal static class ScoredRows
{
    private const string AreaColumn = "Area";

    public static (DetectionDataset Dataset, IReadOnlyList<IReadOnlyList<Detection>> Detections) Read(IDataView scored, PssDetectionOptions options)
    {
        var schema = scored.Schema;
        var (annotated, detected) = (ObjectColumns.Annotated(schema, options), ObjectColumns.Detected(schema, options));
        // What is predicted and never annotated has no object, and counts for nothing.
        var classes = Columns.ClassNames(annotated.Labels).Union(Columns.ClassNames(detected.Labels)).ToArray();
        var scores = Columns.Vector(schema, options.ScoreColumn, NumberDataViewType.Single);
        var areas = Columns.OptionalVector(schema, AreaColumn, NumberDataViewType.Single);
        var needed = annotated.All.Concat(detected.All).Append(scores).Concat(RowNaming.Texts(schema));
        using var cursor = scored.GetRowCursor(areas is { } area ? needed.Append(area) : needed);
        var naming = new RowNaming(cursor);
        var truth = new ObjectReader(cursor, annotated, Labels(annotated.Labels, classes), naming);
        var found = new ObjectReader(cursor, detected, Labels(detected.Labels, classes), naming);
        var (score, areaOf) = (new Vector(cursor, scores), areas is { } column ? new Vector(cursor, column) : null);
        var (images, detections) = (new List<ImageRecord>(), new List<IReadOnlyList<Detection>>());
        while (cursor.MoveNext())
        {
            var objects = truth.Read();
            if (areaOf is not null)
                objects = [.. objects.Zip(areaOf.Read(objects.Length, naming), (item, size) => item with { Area = size })];
            images.Add(new() { Id = images.Count + 1, FileName = $"row {cursor.Position}", Width = 0, Height = 0, Objects = objects });
            var predictions = found.Read();
            detections.Add([.. predictions.Zip(score.Read(predictions.Length, naming),
                (item, sure) => new Detection((float)item.Box.X, (float)item.Box.Y, (float)item.Box.X2, (float)item.Box.Y2, sure, item.Label))]);
        }
        return (new() { Categories = [.. classes.Select((name, i) => new Category(i + 1, name))], Images = images }, detections);
    }

    private static int[] Labels(DataViewSchema.Column column, string[] classes)
        => [.. Columns.ClassNames(column).Select(name => Array.IndexOf(classes, name))];

    private sealed class Vector(DataViewRow row, DataViewSchema.Column column)
    {
        private readonly ValueGetter<VBuffer<float>> _getter = row.GetGetter<VBuffer<float>>(column);
        private VBuffer<float> _value;

        public IEnumerable<float> Read(int length, RowNaming naming)
        {
            _getter(ref _value);
            return _value.Length == length ? _value.DenseValues() : throw naming.Fault(column.Name, $"{_value.Length} values for {length} objects; give one an object");
        }
    }
}
