using Microsoft.ML;
using Microsoft.ML.Data;
using Pss.Engine.Data;

namespace Pss.MLNet.Rows;

/// <summary>Reads the annotated objects of the row that a cursor stands on.</summary>
internal sealed class ObjectReader
{
    private readonly PssDetectionOptions options;
    private readonly int[] labelOfKey;
    private readonly Func<string, string, Exception> fault;
    private readonly ValueGetter<VBuffer<uint>> keys;
    private readonly ValueGetter<VBuffer<float>> boxes;
    private readonly ValueGetter<VBuffer<bool>>? crowds;
    private VBuffer<uint> key;
    private VBuffer<float> box;
    private VBuffer<bool> crowd;

    /// <param name="row">The cursor; the columns are active.</param>
    /// <param name="options">The columns' names.</param>
    /// <param name="labelOfKey">The label of each key from 1 on.</param>
    /// <param name="fault">Makes the error for a column and a problem.</param>
    public ObjectReader(DataViewRow row, PssDetectionOptions options, int[] labelOfKey, Func<string, string, Exception> fault)
    {
        (this.options, this.labelOfKey, this.fault) = (options, labelOfKey, fault);
        var active = Active(row.Schema, options);
        keys = row.GetGetter<VBuffer<uint>>(active[0]);
        boxes = row.GetGetter<VBuffer<float>>(active[1]);
        crowds = active.Count > 2 ? row.GetGetter<VBuffer<bool>>(active[2]) : null;
    }

    /// <summary>The columns that are read: labels, boxes and, where there is one, crowds.</summary>
    public static IReadOnlyList<DataViewSchema.Column> Active(DataViewSchema schema, PssDetectionOptions options)
    {
        var labels = Columns.Labels(schema, options.LabelColumn);
        var boxes = Columns.Vector(schema, options.BoundingBoxColumn, NumberDataViewType.Single);
        return Columns.OptionalVector(schema, options.CrowdColumn, BooleanDataViewType.Instance) is { } crowd ? [labels, boxes, crowd] : [labels, boxes];
    }

    public ObjectAnnotation[] Read()
    {
        keys(ref key);
        boxes(ref box);
        crowds?.Invoke(ref crowd);
        if (box.Length % 4 != 0)
            throw fault(options.BoundingBoxColumn, $"{box.Length} numbers are no multiple of four; give x0, y0, x1, y1 of each object");
        if (box.Length / 4 != key.Length)
            throw fault(options.BoundingBoxColumn, $"{box.Length / 4} boxes, but {key.Length} labels in '{options.LabelColumn}'; give one label and one box an object");
        if (crowds is not null && crowd.Length != key.Length)
            throw fault(options.CrowdColumn, $"{crowd.Length} values, but {key.Length} labels in '{options.LabelColumn}'; give one an object");
        return [.. Enumerable.Range(0, key.Length).Select(Object)];
    }

    private ObjectAnnotation Object(int i)
    {
        var number = key.GetItemOrDefault(i);
        if (number == 0 || number > labelOfKey.Length)
            throw fault(options.LabelColumn, $"the key of object {i} is {number}, outside 1 to {labelOfKey.Length}; a class that the key data lacks becomes 0");
        var corners = new double[] { box.GetItemOrDefault(4 * i), box.GetItemOrDefault(4 * i + 1), box.GetItemOrDefault(4 * i + 2), box.GetItemOrDefault(4 * i + 3) };
        if (!corners.All(double.IsFinite) || corners[2] < corners[0] || corners[3] < corners[1])
            throw fault(options.BoundingBoxColumn, $"the box of object {i} is ({string.Join(", ", corners)}); give finite x0, y0, x1, y1 with x0 <= x1 and y0 <= y1");
        return new() { Label = labelOfKey[number - 1], Box = BoundingBox.FromCorners(corners[0], corners[1], corners[2], corners[3]), IsCrowd = crowds is not null && crowd.GetItemOrDefault(i) };
    }
}
