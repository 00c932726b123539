namespace Microsoft.ML.Data;

/// <summary>The rows that a test lets through. Each cursor makes its own test, which is asked once for each row in order.</summary>
internal sealed class FilteredView(IDataView input, IEnumerable<DataViewSchema.Column> tested, Func<DataViewRow, Func<bool>> makeTest) : IDataView
{
    public bool CanShuffle => false;

    public DataViewSchema Schema => input.Schema;

    public long? GetRowCount() => null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        var cursor = input.GetRowCursor(columnsNeeded.Concat(tested));
        var test = makeTest(cursor);
        var row = new RenumberedRow(cursor);
        return new RowCursor(row, () =>
        {
            while (cursor.MoveNext())
            {
                if (test())
                {
                    return row.Count(true);
                }
            }

            return false;
        });
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];
}
