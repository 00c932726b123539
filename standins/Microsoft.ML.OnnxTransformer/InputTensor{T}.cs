using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms.Onnx;

internal sealed unsafe class InputTensor<T> : InputTensor
    where T : unmanaged
{
    private readonly TensorInfo _info;
    private readonly ValueGetter<VBuffer<T>> _read;
    private readonly bool _variable;
    private VBuffer<T> _buffer;
    private T[] _values = [];

    public InputTensor(TensorInfo info, DataViewRow row, DataViewSchema.Column column)
    {
        _info = info;
        _variable = column.Type is VectorDataViewType { IsKnownSize: false };
        _read = column.Type is VectorDataViewType ? row.GetGetter<VBuffer<T>>(column) : Single(row.GetGetter<T>(column));
    }

    internal override void Read()
    {
        _read(ref _buffer);
        if (Value == 0 || _values.Length != _buffer.Length)
            Resize(_buffer.Length);
        _buffer.CopyTo(_values);
    }

    private static ValueGetter<VBuffer<T>> Single(ValueGetter<T> read)
        => (ref VBuffer<T> buffer) =>
        {
            var editor = VBufferEditor.Create(ref buffer, 1);
            read(ref editor.Values[0]);
            buffer = editor.Commit();
        };

    /// <summary>Only a vector of variable size fills an unknown dimension, and it fits nothing else.</summary>
    private void Resize(int length)
    {
        long[] shape = [.. _info.InputShape];
        var known = shape.Where(size => size > 0).Aggregate(1L, (product, size) => product * size);
        var unknown = Array.IndexOf(shape, 0);
        if (unknown >= 0 != _variable || (unknown < 0 ? length != known : length % known != 0))
        {
            throw new InvalidOperationException($"Input shape mismatch: input '{_info.Name}' has shape {string.Join(",", shape)}, "
                + $"but the column is a vector of {(_variable ? "variable" : "known")} size and has {length} values here");
        }
        if (unknown >= 0)
            shape[unknown] = length / known;
        Release();
        _values = GC.AllocateUninitializedArray<T>(length, pinned: true);
        IntPtr value = 0;
        fixed (long* sizes = shape)
        {
            Ort.Check(((delegate* unmanaged<IntPtr, IntPtr, nint, long*, nint, int, IntPtr*, IntPtr>)Ort.Entry(OrtEntry.CreateTensorWithDataAsOrtValue))(
                Ort.CpuMemory, Ort.Address(_values), (nint)length * sizeof(T), sizes, shape.Length, _info.ElementType, &value));
        }
        Value = value;
    }
}
