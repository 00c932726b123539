using Microsoft.ML.Data;

namespace Microsoft.ML;

/// <summary>A user's objects as rows. A list can be read in another order, a mere sequence cannot.</summary>
internal sealed class EnumerableView<T> : IDataView
    where T : class
{
    private readonly IEnumerable<T> _data;
    private readonly BoundColumn[] _columns;

    public EnumerableView(IEnumerable<T> data, SchemaDefinition definition)
    {
        _data = data ?? throw new ArgumentNullException(nameof(data));
        _columns = BoundColumn.Of(typeof(T), definition, SchemaDefinition.Direction.Read);
        Schema = BoundColumn.SchemaOf(_columns);
    }

    public bool CanShuffle => _data is IList<T>;

    public DataViewSchema Schema { get; }

    public long? GetRowCount() => (_data as ICollection<T>)?.Count;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        var active = Schema.Mask(columnsNeeded);
        var rows = (rand is not null && _data is IList<T> list ? rand.Order(list.Count).Select(i => list[i]) : _data).GetEnumerator();
        var row = new InputRow<T>(Schema, _columns, i => active[i], rows.Dispose);
        return new RowCursor(row, () =>
        {
            var moved = rows.MoveNext();
            if (moved)
            {
                row.Next(rows.Current);
            }

            return moved;
        });
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];
}
