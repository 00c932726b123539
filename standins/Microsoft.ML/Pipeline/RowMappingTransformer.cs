namespace Microsoft.ML.Data;

/// <summary>The row-to-row transformer behind every column transform.</summary>
internal sealed class RowMappingTransformer(Func<DataViewSchema, RowMapping> bind, Action<ModelSaveContext> save) : ITransformer
{
    public bool IsRowToRowMapper => true;

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => Bind(inputSchema).OutputSchema;

    public IDataView Transform(IDataView input) => new MappedView(input, Bind(input.Schema));

    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => Bind(inputSchema);

    public void Save(ModelSaveContext ctx) => save(ctx);

    private RowMapper Bind(DataViewSchema schema) => new(schema, bind(schema));
}
