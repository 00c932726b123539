using Microsoft.ML;
using Microsoft.ML.Data;
using Pss.Engine.Data;
using Pss.Engine.Inference;

namespace Pss.MLNet.Scoring;

/// <summary>The three columns that detection adds, in the order labels, boxes, scores.</summary>
internal static class DetectionColumns
{
    private const string KeyValues = "KeyValues";

    public static DataViewSchema.DetachedColumn[] Create(PssDetectionOptions options, IReadOnlyList<string> classes)
    {
        var names = classes.Select(name => name.AsMemory()).ToArray();
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add(KeyValues, new VectorDataViewType(TextDataViewType.Instance, names.Length),
            (ref VBuffer<ReadOnlyMemory<char>> values) => new VBuffer<ReadOnlyMemory<char>>(names.Length, names).CopyTo(ref values));
        return
        [
            new(options.PredictedLabelColumn, new VectorDataViewType(new KeyDataViewType(typeof(uint), names.Length)), annotations.ToAnnotations()),
            new(options.PredictedBoundingBoxColumn, new VectorDataViewType(NumberDataViewType.Single)),
            new(options.ScoreColumn, new VectorDataViewType(NumberDataViewType.Single)),
        ];
    }

    /// <summary>The getter of one of the columns.</summary>
    /// <param name="column">0 labels, 1 boxes, 2 scores.</param>
    /// <param name="detections">The detections of the row as it stands.</param>
    public static Delegate Getter(int column, Func<IReadOnlyList<Detection>> detections) => column switch
    {
        0 => Vector<uint>(detections, 1, (found, values) => values[0] = (uint)found.Label + 1),
        1 => Vector<float>(detections, 4, (found, values) => (values[0], values[1], values[2], values[3]) = (found.X1, found.Y1, found.X2, found.Y2)),
        _ => Vector<float>(detections, 1, (found, values) => values[0] = found.Score),
    };

    private delegate void Write<T>(Detection found, Span<T> values);

    private static ValueGetter<VBuffer<T>> Vector<T>(Func<IReadOnlyList<Detection>> detections, int width, Write<T> write) => (ref VBuffer<T> value) =>
    {
        var all = detections();
        var editor = VBufferEditor.Create(ref value, width * all.Count);
        for (var i = 0; i < all.Count; i++)
            write(all[i], editor.Values.Slice(width * i, width));
        value = editor.Commit();
    };
}
