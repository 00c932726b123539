namespace Microsoft.ML.Data;

/// <summary>Some rows from some row on. Reading stops at the last one: what comes after it is not asked for.</summary>
internal sealed class SkipTakeView(IDataView input, long skip, long take) : IDataView
{
    public bool CanShuffle => false;

    public DataViewSchema Schema => input.Schema;

    public long? GetRowCount() => input.GetRowCount() is { } count ? Math.Min(Math.Max(0, count - skip), take) : null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        var cursor = input.GetRowCursor(columnsNeeded);
        var row = new RenumberedRow(cursor);
        return new RowCursor(row, () =>
        {
            for (var toSkip = row.Position < 0 ? skip : 0; toSkip > 0; toSkip--)
            {
                if (!cursor.MoveNext())
                {
                    return false;
                }
            }

            return row.Position + 1 < take && row.Count(cursor.MoveNext());
        });
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];
}
