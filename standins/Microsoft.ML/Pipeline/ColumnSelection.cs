namespace Microsoft.ML.Data;

/// <summary>Some columns of a schema, in an order of their own.</summary>
internal sealed class ColumnSelection : IRowToRowMapper
{
    private readonly int[] _sources;

    public ColumnSelection(DataViewSchema input, IEnumerable<int> sources)
    {
        _sources = [.. sources];
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(_sources.Select(i => input[i]));
        InputSchema = input;
        OutputSchema = builder.ToSchema();
    }

    public DataViewSchema InputSchema { get; }

    public DataViewSchema OutputSchema { get; }

    /// <summary>The view without the columns whose values cannot be kept beyond their row (images): they are left out silently.</summary>
    public static IDataView Storable(IDataView input) =>
        new MappedView(input, new ColumnSelection(input.Schema, input.Schema.Where(c => c.Type.IsStorable()).Select(c => c.Index)));

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
    {
        var active = OutputSchema.Mask(dependingColumns);
        return _sources.Where((_, i) => active[i]).Select(i => InputSchema[i]);
    }

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns) =>
        new Row(input, OutputSchema, _sources, OutputSchema.Mask(activeColumns));

    private sealed class Row(DataViewRow input, DataViewSchema schema, int[] sources, bool[] active) : WrappedRow(input, schema)
    {
        public override bool IsColumnActive(DataViewSchema.Column column) => active[column.Index];

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            column.RequireActive(this);
            return Input.GetGetter<TValue>(Input.Schema[sources[column.Index]]);
        }
    }
}
