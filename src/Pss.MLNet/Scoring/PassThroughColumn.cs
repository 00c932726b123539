using Microsoft.ML;
using Microsoft.ML.Data;

namespace Pss.MLNet.Scoring;

/// <summary>A column that passes through a cursor which reads ahead: its values are kept until their row is served.</summary>
internal abstract class PassThroughColumn
{
    public static PassThroughColumn Create(DataViewRow row, DataViewSchema.Column column)
    {
        var type = column.Type is VectorDataViewType vector
            ? typeof(PassingVector<>).MakeGenericType(vector.ItemType.RawType)
            : typeof(PassingColumn<>).MakeGenericType(column.Type.RawType);
        return (PassThroughColumn)Activator.CreateInstance(type, row, column)!;
    }

    /// <summary>A store for the values of a batch.</summary>
    public abstract Array NewStore(int rows);

    /// <summary>Reads the value of the input's row into a slot, which is fresh: the getter of an image may dispose of what it finds.</summary>
    public abstract void Read(Array store, int slot);
}

internal class PassingColumn<T>(DataViewRow row, DataViewSchema.Column column) : PassThroughColumn
{
    private readonly ValueGetter<T> _getter = row.GetGetter<T>(column);

    public sealed override Array NewStore(int rows) => new T[rows];

    public sealed override void Read(Array store, int slot) => _getter(ref ((T[])store)[slot]);

    /// <summary>Serves a value; vectors are copied, so that the caller's is its own.</summary>
    public virtual void Serve(in T kept, ref T value) => value = kept;
}

internal sealed class PassingVector<T>(DataViewRow row, DataViewSchema.Column column) : PassingColumn<VBuffer<T>>(row, column)
{
    public override void Serve(in VBuffer<T> kept, ref VBuffer<T> value) => kept.CopyTo(ref value);
}
