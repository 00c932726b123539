using System.Collections.Immutable;

namespace Microsoft.ML.Data;

public sealed class DataDebuggerPreview
{
    internal DataDebuggerPreview(IDataView data, int maxRows)
    {
        Schema = data.Schema;
        using var cursor = data.GetRowCursor(Schema);
        var readers = Schema.Select(c => cursor.Boxed(c)).ToArray();
        var rows = new List<object[]>();
        while (rows.Count < maxRows && cursor.MoveNext())
        {
            rows.Add([.. readers.Select(read => read())]);
        }

        RowView = [.. rows.Select(row => new RowInfo([.. Schema.Select(c => KeyValuePair.Create(c.Name, row[c.Index]))]))];
        ColumnView = [.. Schema.Select(c => new ColumnInfo(c, [.. rows.Select(row => row[c.Index])]))];
    }

    public DataViewSchema Schema { get; }

    public ImmutableArray<RowInfo> RowView { get; }

    public ImmutableArray<ColumnInfo> ColumnView { get; }

    public sealed class RowInfo
    {
        internal RowInfo(KeyValuePair<string, object>[] values) => Values = values;

        public KeyValuePair<string, object>[] Values { get; }
    }

    public sealed class ColumnInfo
    {
        internal ColumnInfo(DataViewSchema.Column column, object[] values)
        {
            Column = column;
            Values = values;
        }

        public DataViewSchema.Column Column { get; }

        public object[] Values { get; }
    }
}
