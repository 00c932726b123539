using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

public abstract class OneToOneTransformerBase : RowToRowTransformerBase
{
    private readonly InputOutputColumnPair[] _pairs;

    private protected OneToOneTransformerBase(InputOutputColumnPair[] pairs) => _pairs = pairs;

    private protected sealed override RowMapping Bind(DataViewSchema schema)
    {
        DataViewSchema.Column[] inputs = [.. _pairs.Select(p =>
            schema.GetColumnOrNull(p.InputColumnName) ?? throw Errors.MissingColumn("inputSchema", p.InputColumnName))];
        var maps = inputs.Select((input, i) => Map(input, i)).ToArray();
        return new RowMapping(
            [.. maps.Select((map, i) => new DataViewSchema.DetachedColumn(_pairs[i].OutputColumnName, map.Type, map.Annotations))],
            active => inputs.Where((_, i) => active(i)).Select(c => c.Index),
            (row, active) =>
            {
                var made = maps.Select((map, i) => active(i) ? map.CreateGetter(row) : default).ToArray();
                return ([.. made.Select(m => m.Getter)], () => Array.ForEach(made, m => m.Disposer?.Invoke()));
            });
    }

    private protected abstract ColumnMapping Map(DataViewSchema.Column input, int pair);

    private protected void WritePairs(BinaryWriter writer)
    {
        writer.Write(_pairs.Length);
        foreach (var pair in _pairs)
        {
            writer.Write(pair.OutputColumnName);
            writer.Write(pair.InputColumnName);
        }
    }

    private protected static InputOutputColumnPair[] ReadPairs(BinaryReader reader) =>
        [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => new InputOutputColumnPair(reader.ReadString(), reader.ReadString()))];
}
