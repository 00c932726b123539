namespace Microsoft.ML.Data;

/// <summary>A mapping over its schema: input columns pass through, the new ones come after them.</summary>
internal sealed class RowMapper : IRowToRowMapper
{
    public RowMapper(DataViewSchema input, RowMapping mapping)
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(input);
        builder.AddColumns(mapping.Outputs);
        InputSchema = input;
        OutputSchema = builder.ToSchema();
        Mapping = mapping;
    }

    public DataViewSchema InputSchema { get; }

    public DataViewSchema OutputSchema { get; }

    public RowMapping Mapping { get; }

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
    {
        var active = OutputSchema.Mask(dependingColumns);
        var needed = Mapping.Inputs(i => active[InputSchema.Count + i]).ToHashSet();
        return InputSchema.Where(c => active[c.Index] || needed.Contains(c.Index));
    }

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns) =>
        new MappedRow(this, input, OutputSchema.Mask(activeColumns));
}
