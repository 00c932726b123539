using System.Collections;
using static TorchSharp.torch;

namespace TorchSharp.Utils;

/// <summary>The elements of a CPU tensor in row-major order of its shape, whatever its strides are.</summary>
public sealed unsafe class TensorAccessor<T> : IDisposable, IEnumerable<T>
    where T : unmanaged
{
    private readonly Tensor tensor;
    private readonly T* data;
    private readonly long[] shape;
    private readonly long[] strides;
    private readonly bool contiguous;

    internal TensorAccessor(Tensor tensor)
    {
        this.tensor = tensor;
        data = (T*)tensor.DataPointer();
        shape = tensor.shape;
        strides = tensor.stride();
        contiguous = tensor.is_contiguous();
        Count = tensor.NumberOfElements;
    }

    internal long Count { get; }

    public T this[params long[] indices]
    {
        get
        {
            var value = *Find(indices);
            GC.KeepAlive(tensor);
            return value;
        }

        set
        {
            *Find(indices) = value;
            GC.KeepAlive(tensor);
        }
    }

    public T[] ToArray()
    {
        var array = new T[Count];
        CopyTo(array);
        return array;
    }

    public void CopyTo(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyTo(array.AsSpan(), arrayIndex, tensorIndex);

    internal void CopyTo(Span<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        var target = array.Slice(arrayIndex, (int)Math.Min(array.Length - arrayIndex, Count - tensorIndex));
        if (contiguous) new ReadOnlySpan<T>(data + tensorIndex, target.Length).CopyTo(target);
        else for (var i = 0; i < target.Length; i++) target[i] = data[Offset(tensorIndex + i)];
        GC.KeepAlive(tensor);
    }

    public void CopyFrom(ReadOnlySpan<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        var source = array.Slice(arrayIndex, (int)Math.Min(array.Length - arrayIndex, Count - tensorIndex));
        if (contiguous) source.CopyTo(new(data + tensorIndex, source.Length));
        else for (var i = 0; i < source.Length; i++) data[Offset(tensorIndex + i)] = source[i];
        GC.KeepAlive(tensor);
    }

    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)ToArray()).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void Dispose()
    {
    }

    private T* Find(long[] indices)
    {
        if (indices.Length == 1)
        {
            if ((ulong)indices[0] >= (ulong)Count) throw new IndexOutOfRangeException();
            return data + Offset(indices[0]);
        }

        if (indices.Length != shape.Length) throw new ArgumentException($"{indices.Length} indices for a tensor of {shape.Length} dimensions.");
        var offset = 0L;
        for (var d = 0; d < indices.Length; d++)
        {
            if ((ulong)indices[d] >= (ulong)shape[d]) throw new IndexOutOfRangeException();
            offset += indices[d] * strides[d];
        }

        return data + offset;
    }

    private long Offset(long index)
    {
        if (contiguous) return index;
        var offset = 0L;
        for (var d = shape.Length - 1; d >= 0; d--)
        {
            (index, var position) = Math.DivRem(index, shape[d]);
            offset += position * strides[d];
        }

        return offset;
    }
}
