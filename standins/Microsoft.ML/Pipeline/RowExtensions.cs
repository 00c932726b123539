using System.Reflection;

namespace Microsoft.ML.Data;

internal static class RowExtensions
{
    private static readonly MethodInfo s_getGetter = typeof(DataViewRow).GetMethod(nameof(DataViewRow.GetGetter));
    private static readonly MethodInfo s_boxed = typeof(RowExtensions).GetMethod(nameof(BoxedAs), BindingFlags.Static | BindingFlags.NonPublic);

    /// <summary>Which columns of a schema are among the ones asked for.</summary>
    public static bool[] Mask(this DataViewSchema schema, IEnumerable<DataViewSchema.Column> columns)
    {
        var mask = new bool[schema.Count];
        foreach (var column in columns ?? [])
        {
            if (column.Index >= mask.Length || schema[column.Index].Name != column.Name)
            {
                throw new ArgumentException($"Column '{column.Name}' ({column.Index}) is not one of this schema: {schema}", nameof(columns));
            }

            mask[column.Index] = true;
        }

        return mask;
    }

    /// <summary>The getter of a column as its own type has it.</summary>
    public static Delegate GetterOf(this DataViewRow row, DataViewSchema.Column column) =>
        (Delegate)s_getGetter.MakeGenericMethod(column.Type.RawType).Invoke(row, BindingFlags.DoNotWrapExceptions, null, [column], null);

    /// <summary>Reads a column's value, each time a fresh one, as an object.</summary>
    public static Func<object> Boxed(this DataViewRow row, DataViewSchema.Column column) =>
        (Func<object>)s_boxed.MakeGenericMethod(column.Type.RawType).Invoke(null, BindingFlags.DoNotWrapExceptions, null, [row, column], null);

    public static void RequireActive(this DataViewSchema.Column column, DataViewRow row)
    {
        if (!row.IsColumnActive(column))
        {
            throw new ArgumentException($"Column '{column.Name}' is not active in this cursor", nameof(column));
        }
    }

    public static ValueGetter<TValue> Typed<TValue>(this DataViewSchema.Column column, Delegate getter) =>
        getter as ValueGetter<TValue>
        ?? throw new InvalidOperationException($"Invalid TValue in GetGetter: '{typeof(TValue)}', expected type: '{column.Type.RawType}' (column '{column.Name}')");

    private static Func<object> BoxedAs<T>(DataViewRow row, DataViewSchema.Column column)
    {
        var getter = row.GetGetter<T>(column);
        return () =>
        {
            T value = default;
            getter(ref value);
            return value;
        };
    }
}
