using Microsoft.ML;
using Microsoft.ML.Data;
using Pss.Engine.Data;
using Pss.Engine.Inference;

namespace Pss.MLNet.Rows;

/// <summary>Reads ground-truth objects and detections of scored rows.</summary>
internal static class ScoredRows
{
    public static (DetectionDataset Dataset, IReadOnlyList<IReadOnlyList<Detection>> Detections) Read(
        IDataView scored, PssDetectionOptions options, CancellationToken cancellationToken)
    {
        var schema = scored.Schema;
        var (annotatedColumns, detectedColumns) = (ObjectColumns.Annotated(schema, options, options.PredictedMaskColumnName is not null), ObjectColumns.Detected(schema, options));
        // Classes that are predicted but never annotated have no ground truth and do not affect the metrics.
        var classes = Columns.ClassNames(annotatedColumns.Labels).Union(Columns.ClassNames(detectedColumns.Labels)).ToArray();
        var scores = Columns.Vector(schema, options.ScoreColumnName, NumberDataViewType.Single);
        var areas = Columns.OptionalVector(schema, DefaultColumns.Area, NumberDataViewType.Single);
        var needed = annotatedColumns.All.Concat(detectedColumns.All).Append(scores).Concat(RowErrors.TextColumns(schema));
        using var cursor = scored.GetRowCursor(areas is { } area ? needed.Append(area) : needed);
        var errors = new RowErrors(cursor);
        var groundTruth = new ObjectReader(cursor, annotatedColumns, Labels(annotatedColumns.Labels, classes), errors);
        var detected = new ObjectReader(cursor, detectedColumns, Labels(detectedColumns.Labels, classes), errors);
        var (scoreReader, areaReader) = (new Vector(cursor, scores), areas is { } column ? new Vector(cursor, column) : null);
        var (images, detections) = (new List<ImageRecord>(), new List<IReadOnlyList<Detection>>());
        while (cursor.MoveNext())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var objects = groundTruth.Read();
            if (areaReader is not null)
                objects = [.. objects.Zip(areaReader.Read(objects.Length, errors), (item, size) => item with { Area = size })];
            var predictions = detected.Read();
            // Only masks tell the size of the image, and only they need it.
            var (height, width) = objects.Concat(predictions).Select(item => item.Mask?.Size).FirstOrDefault(size => size is not null) ?? (0, 0);
            images.Add(new() { Id = images.Count + 1, FileName = $"row {cursor.Position}", Width = width, Height = height, Objects = objects });
            detections.Add([.. predictions.Zip(scoreReader.Read(predictions.Length, errors),
                (item, score) => new Detection((float)item.Box.X, (float)item.Box.Y, (float)item.Box.X2, (float)item.Box.Y2, score, item.Label) { Mask = item.Mask })]);
        }
        return (new() { Categories = [.. classes.Select((name, i) => new Category(i + 1, name))], Images = images }, detections);
    }

    private static int[] Labels(DataViewSchema.Column column, string[] classes)
        => [.. Columns.ClassNames(column).Select(name => Array.IndexOf(classes, name))];

    private sealed class Vector(DataViewRow row, DataViewSchema.Column column)
    {
        private readonly ValueGetter<VBuffer<float>> _getter = row.GetGetter<VBuffer<float>>(column);
        private VBuffer<float> _value;

        public IEnumerable<float> Read(int length, RowErrors errors)
        {
            _getter(ref _value);
            return _value.Length == length ? _value.DenseValues() : throw errors.InvalidRow(column.Name, $"{_value.Length} values for {length} objects; give one per object");
        }
    }
}
