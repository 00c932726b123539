using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

public sealed class ColumnSelectingTransformer : ITransformer
{
    private readonly string[] _names;
    private readonly bool _keep;
    private readonly bool _keepHidden;

    internal ColumnSelectingTransformer(string[] names, bool keep, bool keepHidden)
    {
        ArgumentNullException.ThrowIfNull(names);
        _names = names;
        _keep = keep;
        _keepHidden = keepHidden;
    }

    bool ITransformer.IsRowToRowMapper => true;

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => Bind(inputSchema).OutputSchema;

    public IDataView Transform(IDataView input) => new MappedView(input, Bind(input.Schema));

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => Bind(inputSchema);

    void ICanSaveModel.Save(ModelSaveContext ctx) => ctx.Save(GetType(), writer =>
    {
        BinaryValues.WriteArray(writer, TextDataViewType.Instance, Array.ConvertAll(_names, n => n.AsMemory()));
        writer.Write(_keep);
        writer.Write(_keepHidden);
    });

    private static ColumnSelectingTransformer Create(IHostEnvironment env, BinaryReader reader) => new(
        [.. ((ReadOnlyMemory<char>[])BinaryValues.ReadArray(reader, TextDataViewType.Instance)).Select(n => n.ToString())],
        reader.ReadBoolean(),
        reader.ReadBoolean());

    private ColumnSelection Bind(DataViewSchema schema)
    {
        foreach (var name in _names)
        {
            _ = schema.GetColumnOrNull(name) ?? throw Errors.MissingColumn("inputSchema", name);
        }

        // Kept columns come in the order of their names, those left over in the order of the input.
        return new(schema, _keep
            ? _names.SelectMany(name => schema.Where(c => c.Name == name && (_keepHidden || !c.IsHidden)).Select(c => c.Index))
            : schema.Where(c => !_names.Contains(c.Name)).Select(c => c.Index));
    }
}
