using System.Reflection;

namespace Microsoft.ML.Data;

/// <summary>Values of one column kept beyond their rows, by slot.</summary>
internal abstract class ColumnStore
{
    public static ColumnStore Create(DataViewSchema.Column column) =>
        (ColumnStore)Activator.CreateInstance(typeof(Typed<>).MakeGenericType(column.Type.RawType), column);

    /// <summary>What keeps the row's value in a slot, whose number is at most one above the last one.</summary>
    public abstract Action<int> Recorder(DataViewRow row);

    public abstract Delegate Getter(Func<int> slot);

    private sealed class Typed<T>(DataViewSchema.Column column) : ColumnStore
    {
        private static readonly FieldInfo s_length = typeof(T).GetField(nameof(VBuffer<int>.Length));
        private T[] _values = new T[16];

        public override Action<int> Recorder(DataViewRow row)
        {
            var getter = row.GetGetter<T>(column);
            return slot =>
            {
                if (slot == _values.Length)
                {
                    Array.Resize(ref _values, 2 * slot);
                }

                getter(ref _values[slot]);
                if (column.Type is VectorDataViewType { IsKnownSize: true } vector && (int)s_length.GetValue(_values[slot]) is var length && length != vector.Size)
                {
                    throw new InvalidOperationException($"Column '{column.Name}' is {vector}, but a row of it has {length} values");
                }
            };
        }

        public override Delegate Getter(Func<int> slot)
        {
            var copy = VectorValues.CopierOf<T>();
            return (ValueGetter<T>)((ref T value) => copy(_values[slot()], ref value));
        }
    }
}
