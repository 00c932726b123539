using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

public abstract class OneToOneTransformerBase : RowToRowTransformerBase
{
    private readonly InputOutputColumnPair[] _pairs;

    private protected OneToOneTransformerBase(InputOutputColumnPair[] pairs) => _pairs = pairs;

    private protected IReadOnlyList<InputOutputColumnPair> Pairs => _pairs;

    private protected sealed override RowMapping Bind(DataViewSchema schema)
    {
        DataViewSchema.Column[] inputs = [.. _pairs.Select(p =>
            schema.GetColumnOrNull(p.InputColumnName) ?? throw Errors.MissingColumn("inputSchema", p.InputColumnName))];
        var maps = inputs.Select((input, i) => Map(input, i)).ToArray();
        return new RowMapping(
            [.. maps.Select((map, i) => new DataViewSchema.DetachedColumn(_pairs[i].OutputColumnName, map.Type, map.Annotations))],
            active => inputs.Where((_, i) => active(i)).Select(c => c.Index),
            (row, active) => ([.. maps.Select((map, i) => active(i) ? map.Getter(row) : null)], null));
    }

    /// <summary>What becomes of one input column: the output's type and annotations, and its getter over a row.</summary>
    private protected abstract (DataViewType Type, DataViewSchema.Annotations Annotations, Func<DataViewRow, Delegate> Getter) Map(DataViewSchema.Column input, int pair);

    private protected static void WritePairs(BinaryWriter writer, IReadOnlyList<InputOutputColumnPair> pairs)
    {
        writer.Write(pairs.Count);
        foreach (var pair in pairs)
        {
            writer.Write(pair.OutputColumnName);
            writer.Write(pair.InputColumnName);
        }
    }

    private protected static InputOutputColumnPair[] ReadPairs(BinaryReader reader) =>
        [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => new InputOutputColumnPair(reader.ReadString(), reader.ReadString()))];
}
