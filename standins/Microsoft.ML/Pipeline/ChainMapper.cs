namespace Microsoft.ML.Data;

internal sealed class ChainMapper(DataViewSchema input, IReadOnlyList<IRowToRowMapper> mappers) : IRowToRowMapper
{
    public DataViewSchema InputSchema => input;

    public DataViewSchema OutputSchema => mappers.Count == 0 ? input : mappers[^1].OutputSchema;

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) =>
        mappers.Reverse().Aggregate(dependingColumns, (columns, mapper) => mapper.GetDependencies(columns));

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        var needed = new Stack<IEnumerable<DataViewSchema.Column>>([activeColumns]);
        foreach (var mapper in mappers.Skip(1).Reverse())
        {
            needed.Push(mapper.GetDependencies(needed.Peek()));
        }

        return mappers.Aggregate(input, (row, mapper) => mapper.GetRow(row, needed.Pop()));
    }
}
