namespace Microsoft.ML.Data;

/// <summary>
/// Rows drawn at random from a pool that is filled up from the input; the same order for every cursor. Without the columns of images, as its rows
/// are kept beyond their place.
/// </summary>
internal sealed class ShuffledView(IDataView input, int seed, int poolSize, bool shuffleSource) : IDataView
{
    private readonly IDataView _input = ColumnSelection.Storable(input);

    public bool CanShuffle => true;

    public DataViewSchema Schema => _input.Schema;

    public long? GetRowCount() => _input.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        rand ??= new Random(seed);
        DataViewSchema.Column[] needed = [.. columnsNeeded];
        var cursor = _input.GetRowCursor(needed, shuffleSource && _input.CanShuffle ? new Random(rand.Next()) : null);
        var stores = new ColumnStore[Schema.Count];
        var ids = new DataViewRowId[poolSize];
        var idOf = cursor.GetIdGetter();
        var record = new Action<int>(slot => idOf(ref ids[slot]));
        foreach (var column in needed.DistinctBy(c => c.Index))
        {
            stores[column.Index] = ColumnStore.Create(column);
            record += stores[column.Index].Recorder(cursor);
        }

        StoredRow row = null;
        row = new StoredRow(Schema, stores, () => ids[row.Slot], cursor.Dispose);
        var live = new List<int>();
        return new RowCursor(row, () =>
        {
            Refill(cursor, record, live, row.Slot);
            if (live.Count == 0)
            {
                return false;
            }

            row.Next(live[rand.Next(live.Count)]);
            return true;
        });
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    // The slot that was served last is free; before the first row all of them are.
    private void Refill(DataViewRowCursor cursor, Action<int> record, List<int> live, int served)
    {
        if (served < 0)
        {
            while (live.Count < poolSize && cursor.MoveNext())
            {
                record(live.Count);
                live.Add(live.Count);
            }
        }
        else if (cursor.MoveNext())
        {
            record(served);
        }
        else
        {
            live.Remove(served);
        }
    }
}
