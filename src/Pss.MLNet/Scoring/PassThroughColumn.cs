using Microsoft.ML;
using Microsoft.ML.Data;

namespace Pss.MLNet.Scoring;

/// <summary>An input column of a cursor that reads ahead: its values are buffered until the cursor reaches their row.</summary>
internal abstract class PassThroughColumn
{
    public static PassThroughColumn Create(DataViewRow row, DataViewSchema.Column column)
    {
        var type = column.Type is VectorDataViewType vector
            ? typeof(PassThroughVector<>).MakeGenericType(vector.ItemType.RawType)
            : typeof(PassThroughColumn<>).MakeGenericType(column.Type.RawType);
        return (PassThroughColumn)Activator.CreateInstance(type, row, column)!;
    }

    /// <summary>A buffer for the values of a batch.</summary>
    public abstract Array CreateBuffer(int rows);

    /// <summary>Reads the current row's value into a slot that holds default: the getter of an image may dispose the image that it finds.</summary>
    public abstract void Read(Array buffer, int slot);
}

internal class PassThroughColumn<T>(DataViewRow row, DataViewSchema.Column column) : PassThroughColumn
{
    private readonly ValueGetter<T> _getter = row.GetGetter<T>(column);

    public sealed override Array CreateBuffer(int rows) => new T[rows];

    public sealed override void Read(Array buffer, int slot) => _getter(ref ((T[])buffer)[slot]);

    /// <summary>Copies a buffered value to the caller's; vectors are deep-copied, since the caller may modify its own.</summary>
    public virtual void CopyTo(in T buffered, ref T value) => value = buffered;
}

internal sealed class PassThroughVector<T>(DataViewRow row, DataViewSchema.Column column) : PassThroughColumn<VBuffer<T>>(row, column)
{
    public override void CopyTo(in VBuffer<T> buffered, ref VBuffer<T> value) => buffered.CopyTo(ref value);
}
