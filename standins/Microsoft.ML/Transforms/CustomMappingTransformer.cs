using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

public sealed class CustomMappingTransformer<TSrc, TDst> : ITransformer
    where TSrc : class, new()
    where TDst : class, new()
{
    private readonly Action<TSrc, TDst> _map;
    private readonly string _contract;
    private readonly SchemaDefinition _inputDefinition;
    private readonly BoundColumn[] _added;
    private readonly RowMappingTransformer _core;

    internal CustomMappingTransformer(Action<TSrc, TDst> map, string contract, SchemaDefinition inputDefinition, SchemaDefinition outputDefinition)
    {
        ArgumentNullException.ThrowIfNull(map);
        _map = map;
        _contract = contract;
        _inputDefinition = inputDefinition;
        _added = BoundColumn.Of(typeof(TDst), outputDefinition, SchemaDefinition.Direction.Read);
        AddedSchema = BoundColumn.SchemaOf(_added);
        _core = new RowMappingTransformer(Bind, Save);
    }

    internal DataViewSchema AddedSchema { get; }

    bool ITransformer.IsRowToRowMapper => true;

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => _core.GetOutputSchema(inputSchema);

    public IDataView Transform(IDataView input) => _core.Transform(input);

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => _core.GetRowToRowMapper(inputSchema);

    void ICanSaveModel.Save(ModelSaveContext ctx) => _core.Save(ctx);

    private RowMapping Bind(DataViewSchema schema)
    {
        var binding = new OutputBinding<TSrc>(schema, ignoreMissingColumns: false, _inputDefinition);
        return new RowMapping(
            [.. AddedSchema.Select(c => new DataViewSchema.DetachedColumn(c))],
            active => AddedSchema.Any(c => active(c.Index)) ? binding.Columns.Select(c => c.Index) : [],
            (row, active) => AddedSchema.Any(c => active(c.Index)) ? Getters(row, binding, active) : (new Delegate[AddedSchema.Count], null));
    }

    // One pair of objects for all rows; the action runs once a row, whichever output is asked for first.
    private (Delegate[] Getters, Action Disposer) Getters(DataViewRow row, OutputBinding<TSrc> binding, Func<int, bool> active)
    {
        var (source, result) = (new TSrc(), new TDst());
        var fill = binding.FillerFrom(row);
        var mapped = new InputRow<TDst>(AddedSchema, _added, active);
        var served = -1L;
        void Refresh()
        {
            if (served != row.Position)
            {
                fill(source);
                _map(source, result);
                mapped.Next(result);
                served = row.Position;
            }
        }

        return ([.. AddedSchema.Select(c => active(c.Index) ? CustomMapping.Refreshed(mapped, c, Refresh) : null)], null);
    }

    private void Save(ModelSaveContext ctx)
    {
        if (_contract is null)
        {
            throw new InvalidOperationException("Empty contract name for a transform: the transform cannot be saved");
        }

        ctx.Save(typeof(CustomMapping), writer =>
        {
            writer.Write(_contract);
            writer.Write(_map.Method.DeclaringType.Assembly.FullName);
        });
    }
}
