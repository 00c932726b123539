using System.Collections;

namespace Microsoft.ML.Data;

public readonly struct VBuffer<T> : IEnumerable
{
    private readonly T[] _values;
    private readonly int[] _indices;
    private readonly int _count;

    public readonly int Length;

    public VBuffer(int length, T[] values, int[] indices = null)
        : this(length, length, values, indices)
    {
    }

    public VBuffer(int length, int count, T[] values, int[] indices)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, values?.Length ?? 0, nameof(values));
        if (count < length)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(count, indices?.Length ?? 0, nameof(indices));
        }

        Length = length;
        _count = count;
        _values = values;
        _indices = indices;
    }

    public bool IsDense => _count == Length;

    internal T[] ValueArray => _values;

    internal int[] IndexArray => _indices;

    public ReadOnlySpan<T> GetValues() => _values.AsSpan(0, _count);

    public ReadOnlySpan<int> GetIndices() => IsDense ? default : _indices.AsSpan(0, _count);

    public IEnumerable<T> DenseValues()
    {
        for (var i = 0; i < Length; i++)
        {
            yield return GetItemOrDefault(i);
        }
    }

    public IEnumerable<KeyValuePair<int, T>> Items(bool all = false)
    {
        var count = all ? Length : _count;
        for (var i = 0; i < count; i++)
        {
            yield return all ? new(i, GetItemOrDefault(i)) : new(IsDense ? i : _indices[i], _values[i]);
        }
    }

    public T GetItemOrDefault(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Length);
        if (IsDense)
        {
            return _values[index];
        }

        var at = Array.BinarySearch(_indices, 0, _count, index);
        return at >= 0 ? _values[at] : default;
    }

    public void CopyTo(Span<T> destination)
    {
        if (destination.Length < Length)
        {
            throw new ArgumentException($"The destination holds {destination.Length} values, {Length} are needed", nameof(destination));
        }

        if (IsDense)
        {
            GetValues().CopyTo(destination);
            return;
        }

        destination[..Length].Clear();
        for (var i = 0; i < _count; i++)
        {
            destination[_indices[i]] = _values[i];
        }
    }

    public void CopyTo(ref VBuffer<T> destination)
    {
        var editor = VBufferEditor.Create(ref destination, Length, _count);
        GetValues().CopyTo(editor.Values);
        GetIndices().CopyTo(editor.Indices);
        destination = editor.Commit();
    }

    public void CopyToDense(ref VBuffer<T> destination)
    {
        var editor = VBufferEditor.Create(ref destination, Length);
        CopyTo(editor.Values);
        destination = editor.Commit();
    }

    public IEnumerator GetEnumerator() => DenseValues().GetEnumerator();

    public override string ToString() => IsDense ? $"Dense vector of size {Length}" : $"Sparse vector of size {Length}, {_count} explicit values";
}
