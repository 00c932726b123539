using System.Linq.Expressions;
using System.Reflection;

namespace Microsoft.ML.Data;

/// <summary>Between a member of a user's type and a column: string and text, array and vector, everything else as it is.</summary>
internal static class MemberValues
{
    public static Type ValueType(this MemberInfo member) => member is FieldInfo field ? field.FieldType : ((PropertyInfo)member).PropertyType;

    /// <summary>Whether a member's type is a vector, and the raw type of its items.</summary>
    public static (bool IsVector, Type ItemType) Shape(Type type)
    {
        var isBuffer = type.IsGenericType && type.GetGenericTypeDefinition() == typeof(VBuffer<>);
        var item = type.IsArray ? type.GetElementType() : isBuffer ? type.GetGenericArguments()[0] : type;
        return (type.IsArray || isBuffer, item == typeof(string) ? typeof(ReadOnlyMemory<char>) : item);
    }

    public static bool Fits(Type memberType, DataViewType columnType)
    {
        var (isVector, itemType) = Shape(memberType);
        return isVector == columnType is VectorDataViewType && columnType.ItemType().RawType == itemType;
    }

    public static Func<TRow, TMember> Reader<TRow, TMember>(MemberInfo member)
    {
        var row = Expression.Parameter(typeof(TRow));
        return Expression.Lambda<Func<TRow, TMember>>(Expression.MakeMemberAccess(row, member), row).Compile();
    }

    public static Action<TRow, TMember> Writer<TRow, TMember>(MemberInfo member)
    {
        var (row, value) = (Expression.Parameter(typeof(TRow)), Expression.Parameter(typeof(TMember)));
        return Expression.Lambda<Action<TRow, TMember>>(Expression.Assign(Expression.MakeMemberAccess(row, member), value), row, value).Compile();
    }

    /// <summary>The column getter that serves what <paramref name="read"/> returns; vectors are copied.</summary>
    public static Delegate GetterFrom<TMember>(Func<TMember> read)
    {
        if (typeof(TMember) == typeof(string))
        {
            var text = (Func<string>)(object)read;
            return (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> dst) => dst = text().AsMemory());
        }

        if (typeof(TMember) == typeof(string[]))
        {
            var texts = (Func<string[]>)(object)read;
            return ArrayGetter(() => texts()?.Select(t => t.AsMemory()).ToArray());
        }

        return Shape(typeof(TMember)) is (true, var item)
            ? (Delegate)Generic(typeof(TMember).IsArray ? nameof(ArrayGetter) : nameof(BufferGetter), item).Invoke(null, [read])
            : (ValueGetter<TMember>)((ref TMember dst) => dst = read());
    }

    /// <summary>Reads a column as a member's type; the function is given the member's present value, whose memory it may use again.</summary>
    public static Func<TMember, TMember> MemberFrom<TMember>(DataViewRow row, DataViewSchema.Column column)
    {
        if (typeof(TMember) == typeof(string))
        {
            var getter = row.GetGetter<ReadOnlyMemory<char>>(column);
            ReadOnlyMemory<char> text = default;
            return (Func<TMember, TMember>)(object)(Func<string, string>)(_ =>
            {
                getter(ref text);
                return text.ToString();
            });
        }

        if (typeof(TMember) == typeof(string[]))
        {
            return (Func<TMember, TMember>)(object)ArrayFrom<ReadOnlyMemory<char>, string>(row, column, (from, to) =>
            {
                for (var i = 0; i < to.Length; i++)
                {
                    to[i] = from.GetItemOrDefault(i).ToString();
                }
            });
        }

        return Shape(typeof(TMember)) is (true, var item) && typeof(TMember).IsArray
            ? (Func<TMember, TMember>)Generic(nameof(DirectArrayFrom), item).Invoke(null, [row, column])
            : DirectFrom<TMember>(row, column);
    }

    private static MethodInfo Generic(string name, Type item) =>
        typeof(MemberValues).GetMethod(name, BindingFlags.Static | BindingFlags.NonPublic).MakeGenericMethod(item);

    private static ValueGetter<VBuffer<T>> ArrayGetter<T>(Func<T[]> read) => (ref VBuffer<T> dst) =>
    {
        var values = read();
        var editor = VBufferEditor.Create(ref dst, values?.Length ?? 0);
        values.AsSpan().CopyTo(editor.Values);
        dst = editor.Commit();
    };

    private static ValueGetter<VBuffer<T>> BufferGetter<T>(Func<VBuffer<T>> read) => (ref VBuffer<T> dst) => read().CopyTo(ref dst);

    private static Func<T[], T[]> DirectArrayFrom<T>(DataViewRow row, DataViewSchema.Column column) =>
        ArrayFrom<T, T>(row, column, (from, to) => from.CopyTo(to));

    // A vector of the length that the array has (null counts as 0, so that null stays null) is copied into it.
    private static Func<TTo[], TTo[]> ArrayFrom<TFrom, TTo>(DataViewRow row, DataViewSchema.Column column, Action<VBuffer<TFrom>, TTo[]> copy)
    {
        var getter = row.GetGetter<VBuffer<TFrom>>(column);
        VBuffer<TFrom> vector = default;
        return array =>
        {
            getter(ref vector);
            if (vector.Length != (array?.Length ?? 0))
            {
                array = new TTo[vector.Length];
            }

            if (vector.Length > 0)
            {
                copy(vector, array);
            }

            return array;
        };
    }

    // Other values than vectors go through one variable for all rows: a getter may dispose of the value it finds there.
    private static Func<TMember, TMember> DirectFrom<TMember>(DataViewRow row, DataViewSchema.Column column)
    {
        var getter = row.GetGetter<TMember>(column);
        TMember value = default;
        return present =>
        {
            if (column.Type is VectorDataViewType)
            {
                value = present;
            }

            getter(ref value);
            return value;
        };
    }
}
