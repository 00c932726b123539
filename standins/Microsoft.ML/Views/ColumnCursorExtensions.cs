namespace Microsoft.ML.Data;

public static class ColumnCursorExtensions
{
    public static IEnumerable<T> GetColumn<T>(this IDataView data, string columnName) => data.GetColumn<T>(data.Schema[columnName]);

    public static IEnumerable<T> GetColumn<T>(this IDataView data, DataViewSchema.Column column)
    {
        if (!MemberValues.Fits(typeof(T), column.Type))
        {
            throw new InvalidOperationException($"Could not map a data view column '{column.Name}' of type {column.Type} to {typeof(T)}.");
        }

        return Values();

        IEnumerable<T> Values()
        {
            using var cursor = data.GetRowCursor([column]);
            var read = MemberValues.MemberFrom<T>(cursor, column);
            var empty = typeof(T).IsArray ? (T)(object)Array.CreateInstance(typeof(T).GetElementType(), 0) : default;
            while (cursor.MoveNext())
            {
                yield return read(empty);
            }
        }
    }
}
