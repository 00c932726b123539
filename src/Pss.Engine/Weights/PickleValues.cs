namespace Pss.Engine.Weights;

/// <summary>A dictionary of a pickle. Keys keep their order and may be any object, not necessarily unique.</summary>
internal sealed class PickleDictionary : List<(object? Key, object? Value)>
{
    public object? Find(string key) => FindLast(item => key.Equals(item.Key)).Value;
}

/// <summary>A function or class that a weight file may use.</summary>
internal sealed record PickleGlobal(string Name);

/// <summary>The class of a storage, such as torch.FloatStorage.</summary>
internal sealed record PickleStorageClass(WeightDtype Dtype);

/// <summary>A range of elements that tensors are views of; <paramref name="Start"/> and <paramref name="Count"/> are in elements of the record
/// <paramref name="Key"/>, which has <paramref name="RecordCount"/>.</summary>
internal sealed record PickleStorage(string Key, WeightDtype Dtype, long RecordCount, long Start, long Count)
{
    public Int128 RecordBytes => (Int128)RecordCount * NamedTensor.SizeOf(Dtype);
}

/// <summary>A strided view of a storage, checked to be inside it. <paramref name="Position"/> is where the pickle defines it.</summary>
internal sealed record PickleTensor(PickleStorage Storage, long Offset, long[] Shape, long[] Strides, long Position)
{
    /// <summary>Checks a view before memory is allocated for it.</summary>
    /// <returns>The problem, or null.</returns>
    public static string? Problem(PickleStorage storage, long offset, long[] shape, long[] strides)
    {
        if (shape.Length != strides.Length) return $"a tensor has {shape.Length} sizes but {strides.Length} strides";
        if (offset < 0 || shape.Any(size => size < 0) || strides.Any(stride => stride < 0)) return "a tensor has a negative offset, size or stride";
        Int128 last = offset, count = 1;
        for (var i = 0; i < shape.Length; i++)
        {
            last += (Int128)(shape[i] - 1) * strides[i];
            count *= shape[i];
            if (count > long.MaxValue / 8 || last > long.MaxValue) return $"a tensor of shape [{string.Join(", ", shape)}] is too large";
        }
        return count > 0 && last >= storage.Count
            ? $"a tensor of shape [{string.Join(", ", shape)}] reaches element {last} of the storage '{storage.Key}', which has {storage.Count}"
            : null;
    }

    public long Count => Shape.Aggregate(1L, (count, size) => count * size);

    public bool IsContiguous
    {
        get
        {
            var expected = 1L;
            for (var i = Shape.Length - 1; i >= 0; i--)
            {
                if (Shape[i] != 1 && Strides[i] != expected) return false;
                expected *= Shape[i];
            }
            return true;
        }
    }

    /// <summary>Copies the view's elements in row-major order.</summary>
    public byte[] Gather(ReadOnlySpan<byte> record)
    {
        var size = NamedTensor.SizeOf(Storage.Dtype);
        var result = new byte[Count * size];
        var index = new long[Shape.Length];
        var source = Storage.Start + Offset;
        for (var target = 0; target < result.Length; target += size)
        {
            record.Slice((int)(source * size), size).CopyTo(result.AsSpan(target));
            for (var i = Shape.Length - 1; i >= 0; i--)
            {
                source += Strides[i];
                if (++index[i] < Shape[i]) break;
                source -= Shape[i] * Strides[i];
                index[i] = 0;
            }
        }
        return result;
    }
}
