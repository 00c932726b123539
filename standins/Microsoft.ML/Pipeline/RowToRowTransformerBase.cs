namespace Microsoft.ML.Data;

public abstract class RowToRowTransformerBase : ITransformer
{
    private readonly RowMappingTransformer _core;

    private protected RowToRowTransformerBase() => _core = new RowMappingTransformer(Bind, Save);

    bool ITransformer.IsRowToRowMapper => true;

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => _core.GetOutputSchema(inputSchema);

    public IDataView Transform(IDataView input) => _core.Transform(input);

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => _core.GetRowToRowMapper(inputSchema);

    void ICanSaveModel.Save(ModelSaveContext ctx) => _core.Save(ctx);

    private protected abstract RowMapping Bind(DataViewSchema schema);

    private protected abstract void Save(ModelSaveContext ctx);
}
