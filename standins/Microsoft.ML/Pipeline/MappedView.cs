namespace Microsoft.ML.Data;

internal sealed class MappedView(IDataView input, IRowToRowMapper mapper) : IDataView
{
    public bool CanShuffle => input.CanShuffle;

    public DataViewSchema Schema => mapper.OutputSchema;

    public long? GetRowCount() => input.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        DataViewSchema.Column[] needed = [.. columnsNeeded];
        return Map(input.GetRowCursor(mapper.GetDependencies(needed), rand), needed);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
    {
        DataViewSchema.Column[] needed = [.. columnsNeeded];
        return [.. input.GetRowCursorSet(mapper.GetDependencies(needed), n, rand).Select(cursor => Map(cursor, needed))];
    }

    private RowCursor Map(DataViewRowCursor cursor, DataViewSchema.Column[] needed)
    {
        try
        {
            return new(mapper.GetRow(cursor, needed), cursor.MoveNext);
        }
        catch
        {
            cursor.Dispose();
            throw;
        }
    }
}
