using Microsoft.ML;
using Microsoft.ML.Data;
using Pss.Engine.Data;
using Pss.MLNet.Rows;

namespace Pss.MLNet.Scoring;

/// <summary>The output columns: labels, boxes, scores and, where asked for, masks, in this order.</summary>
internal static class DetectionColumns
{
    private const string KeyValues = "KeyValues";
    private const string ScoreThresholdAnnotation = "ScoreThreshold";

    public static DataViewSchema.DetachedColumn[] Create(PssDetectionOptions options, IReadOnlyList<string> classes)
    {
        var names = classes.Select(name => name.AsMemory()).ToArray();
        var labels = new DataViewSchema.Annotations.Builder();
        labels.Add(KeyValues, new VectorDataViewType(TextDataViewType.Instance, names.Length),
            (ref VBuffer<ReadOnlyMemory<char>> values) => new VBuffer<ReadOnlyMemory<char>>(names.Length, names).CopyTo(ref values));
        var scores = new DataViewSchema.Annotations.Builder();
        scores.Add(ScoreThresholdAnnotation, NumberDataViewType.Single, (ref float value) => value = options.ScoreThreshold);
        DataViewSchema.DetachedColumn[] columns =
        [
            new(options.PredictedLabelColumnName, new VectorDataViewType(new KeyDataViewType(typeof(uint), names.Length)), labels.ToAnnotations()),
            new(options.PredictedBoundingBoxColumnName, new VectorDataViewType(NumberDataViewType.Single)),
            new(options.ScoreColumnName, new VectorDataViewType(NumberDataViewType.Single), scores.ToAnnotations()),
        ];
        return options.PredictedMaskColumnName is { } masks ? [.. columns, new(masks, new VectorDataViewType(TextDataViewType.Instance))] : columns;
    }

    /// <summary>The score threshold that a column of scores was made with; null if it has no such annotation.</summary>
    public static float? ScoreThreshold(DataViewSchema.Column scores)
    {
        if (!NumberDataViewType.Single.Equals(scores.Annotations.Schema.GetColumnOrNull(ScoreThresholdAnnotation)?.Type))
            return null;
        var threshold = 0f;
        scores.Annotations.GetValue(ScoreThresholdAnnotation, ref threshold);
        return threshold;
    }

    /// <summary>The getter of an output column.</summary>
    /// <param name="column">0 labels, 1 boxes, 2 scores, 3 masks.</param>
    /// <param name="detections">Gets the detections of the current row.</param>
    public static Delegate Getter(int column, Func<IReadOnlyList<Detection>> detections) => column switch
    {
        0 => Vector<uint>(detections, 1, (detection, values) => values[0] = (uint)detection.Label + 1),
        1 => Vector<float>(detections, 4, (detection, values) => (values[0], values[1], values[2], values[3]) = (detection.X1, detection.Y1, detection.X2, detection.Y2)),
        2 => Vector<float>(detections, 1, (detection, values) => values[0] = detection.Score),
        _ => Vector<ReadOnlyMemory<char>>(detections, 1, (detection, values) => values[0] = MaskText.Write(detection.Mask).AsMemory()),
    };

    private delegate void Write<T>(Detection detection, Span<T> values);

    private static ValueGetter<VBuffer<T>> Vector<T>(Func<IReadOnlyList<Detection>> detections, int width, Write<T> write) => (ref VBuffer<T> value) =>
    {
        var all = detections();
        var editor = VBufferEditor.Create(ref value, width * all.Count);
        for (var i = 0; i < all.Count; i++)
            write(all[i], editor.Values.Slice(width * i, width));
        value = editor.Commit();
    };
}
