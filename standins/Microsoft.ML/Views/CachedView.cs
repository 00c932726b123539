namespace Microsoft.ML.Data;

/// <summary>Columns are kept in memory from the first cursor that asks for them on; those of images are not there at all.</summary>
internal sealed class CachedView : IDataView
{
    private readonly object _gate = new();
    private readonly IDataView _input;
    private readonly ColumnStore[] _stores;
    private int? _count;

    public CachedView(IDataView input)
    {
        _input = ColumnSelection.Storable(input);
        _stores = new ColumnStore[_input.Schema.Count];
    }

    public bool CanShuffle => true;

    public DataViewSchema Schema => _input.Schema;

    public long? GetRowCount() => _count ?? _input.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        var active = Schema.Mask(columnsNeeded);
        var count = Fill(active);
        var order = rand?.Order(count);
        StoredRow row = null;
        row = new StoredRow(Schema, [.. _stores.Select((s, i) => active[i] ? s : null)], () => new DataViewRowId((ulong)row.Slot, 0));
        return new RowCursor(row, () =>
        {
            if (row.Position + 1 >= count)
            {
                return false;
            }

            row.Next(order?[row.Position + 1] ?? (int)row.Position + 1);
            return true;
        });
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private int Fill(bool[] active)
    {
        lock (_gate)
        {
            DataViewSchema.Column[] missing = [.. Schema.Where(c => active[c.Index] && _stores[c.Index] is null)];
            if (_count is { } known && missing.Length == 0)
            {
                return known;
            }

            using var cursor = _input.GetRowCursor(missing);
            var stores = missing.Select(ColumnStore.Create).ToArray();
            var recorders = stores.Select(s => s.Recorder(cursor)).ToArray();
            var count = 0;
            for (; cursor.MoveNext(); count++)
            {
                Array.ForEach(recorders, record => record(count));
            }

            for (var i = 0; i < missing.Length; i++)
            {
                _stores[missing[i].Index] = stores[i];
            }

            _count = count;
            return count;
        }
    }
}
