using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Pss.Engine.Data;

namespace Pss.MLNet.Rows;

/// <summary>Reads the objects of a cursor's current row.</summary>
/// <param name="row">The cursor, with the columns active.</param>
/// <param name="columns">The objects' columns.</param>
/// <param name="labelOfKey">The label, from 0, of each key value from 1.</param>
/// <param name="errors">Creates errors that identify the row.</param>
internal sealed class ObjectReader(DataViewRow row, ObjectColumns columns, int[] labelOfKey, RowErrors errors)
{
    private readonly ValueGetter<VBuffer<uint>> _keys = row.GetGetter<VBuffer<uint>>(columns.Labels);
    private readonly ValueGetter<VBuffer<float>> _boxes = row.GetGetter<VBuffer<float>>(columns.Boxes);
    private readonly ValueGetter<VBuffer<bool>>? _crowds = columns.Crowds is { } crowds ? row.GetGetter<VBuffer<bool>>(crowds) : null;
    private readonly ValueGetter<VBuffer<ReadOnlyMemory<char>>>? _masks =
        columns.Masks is { } masks ? row.GetGetter<VBuffer<ReadOnlyMemory<char>>>(masks) : null;
    private VBuffer<ReadOnlyMemory<char>> _mask;
    private VBuffer<uint> _key;
    private VBuffer<float> _box;
    private VBuffer<bool> _crowd;

    public ObjectAnnotation[] Read()
    {
        _keys(ref _key);
        _boxes(ref _box);
        _crowds?.Invoke(ref _crowd);
        _masks?.Invoke(ref _mask);
        if (_box.Length % 4 != 0)
            throw errors.InvalidRow(columns.Boxes.Name, $"{_box.Length} values are not a multiple of four; give x0, y0, x1, y1 of each object");
        if (_box.Length / 4 != _key.Length)
            throw errors.InvalidRow(columns.Boxes.Name, $"{_box.Length / 4} boxes, but {_key.Length} labels in '{columns.Labels.Name}'; give one label and one box per object");
        if (_crowds is not null && _crowd.Length != _key.Length)
            throw errors.InvalidRow(columns.Crowds!.Value.Name, $"{_crowd.Length} values, but {_key.Length} labels in '{columns.Labels.Name}'; give one per object");
        if (_masks is not null && _mask.Length != _key.Length)
            throw errors.InvalidRow(columns.Masks!.Value.Name, $"{_mask.Length} masks, but {_key.Length} labels in '{columns.Labels.Name}'; give one per object, empty for none");
        return [.. Enumerable.Range(0, _key.Length).Select(Object)];
    }

    private Segmentation? Mask(int i)
    {
        try
        {
            return _masks is null ? null : MaskText.Read(_mask.GetItemOrDefault(i).ToString());
        }
        catch (FormatException error)
        {
            throw errors.InvalidRow(columns.Masks!.Value.Name, $"the mask of object {i} cannot be read: {error.Message}; give {{\"size\":[height,width],\"counts\":\"...\"}} with compressed run lengths, as COCO writes it");
        }
    }

    private ObjectAnnotation Object(int i)
    {
        var number = _key.GetItemOrDefault(i);
        if (number == 0 || number > labelOfKey.Length)
            throw errors.InvalidRow(columns.Labels.Name, $"the key of object {i} is {number}, outside 1 to {labelOfKey.Length}; a class missing from the key data becomes 0");
        double[] corners = [.. Enumerable.Range(4 * i, 4).Select(at => (double)_box.GetItemOrDefault(at))];
        if (!corners.All(double.IsFinite) || corners[2] < corners[0] || corners[3] < corners[1])
            throw errors.InvalidRow(columns.Boxes.Name, $"the box of object {i} is ({string.Join(", ", corners.Select(corner => corner.ToString(CultureInfo.InvariantCulture)))}); give finite x0, y0, x1, y1 with x0 <= x1 and y0 <= y1");
        return new()
        {
            Label = labelOfKey[number - 1],
            Box = BoundingBox.FromCorners(corners[0], corners[1], corners[2], corners[3]),
            IsCrowd = _crowds is not null && _crowd.GetItemOrDefault(i),
            Mask = Mask(i),
        };
    }
}
