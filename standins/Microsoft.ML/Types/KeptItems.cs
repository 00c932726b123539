using System.Reflection;

namespace Microsoft.ML.Data;

/// <summary>The items of a value, scalar or vector, as an array of their raw type, and the way back.</summary>
internal static class KeptItems
{
    /// <summary>An annotation's items.</summary>
    public static Array Items(this DataViewSchema.Annotations annotations, DataViewSchema.Column annotation) =>
        Of(annotation.Type, annotations.GetGetterDelegate(annotation))();

    /// <summary>Reads a value as its items, a new array each time.</summary>
    public static Func<Array> Of(DataViewType type, Delegate getter) =>
        (Func<Array>)Generic(type is VectorDataViewType ? nameof(OfVector) : nameof(OfScalar), type).Invoke(null, [getter]);

    /// <summary>The getter that serves these items.</summary>
    public static Delegate Getter(DataViewType type, Array items) =>
        (Delegate)Generic(type is VectorDataViewType ? nameof(VectorGetter) : nameof(ScalarGetter), type).Invoke(null, [items]);

    private static MethodInfo Generic(string name, DataViewType type) =>
        typeof(KeptItems).GetMethod(name, BindingFlags.Static | BindingFlags.NonPublic).MakeGenericMethod(type.ItemType().RawType);

    private static Func<Array> OfVector<T>(ValueGetter<VBuffer<T>> getter) => () =>
    {
        VBuffer<T> value = default;
        getter(ref value);
        return value.DenseValues().ToArray();
    };

    private static Func<Array> OfScalar<T>(ValueGetter<T> getter) => () =>
    {
        T value = default;
        getter(ref value);
        return new[] { value };
    };

    private static ValueGetter<VBuffer<T>> VectorGetter<T>(T[] items)
    {
        var vector = new VBuffer<T>(items.Length, items);
        return (ref VBuffer<T> dst) => vector.CopyTo(ref dst);
    }

    private static ValueGetter<T> ScalarGetter<T>(T[] items) => (ref T dst) => dst = items[0];
}
