namespace Microsoft.ML.Data;

/// <summary>A row served from stores: the slot that it stands on and its place in the order of reading.</summary>
internal sealed class StoredRow(DataViewSchema schema, ColumnStore[] stores, Func<DataViewRowId> id, Action onDispose = null) : DataViewRow
{
    private long _position = -1;

    public override DataViewSchema Schema => schema;

    public override long Position => _position;

    public override long Batch => 0;

    public int Slot { get; private set; } = -1;

    public void Next(int slot)
    {
        Slot = slot;
        _position++;
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => value = id();

    public override bool IsColumnActive(DataViewSchema.Column column) => stores[column.Index] is not null;

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        column.RequireActive(this);
        return column.Typed<TValue>(stores[column.Index].Getter(() => Slot));
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            onDispose?.Invoke();
        }
    }
}
