namespace Microsoft.ML.Data;

public static class VBufferEditor
{
    public static VBufferEditor<T> Create<T>(
        ref VBuffer<T> destination,
        int newLogicalLength,
        int? valuesCount = null,
        int? maxValuesCapacity = null,
        bool keepOldOnResize = false,
        bool requireIndicesOnDense = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(newLogicalLength);
        var count = valuesCount ?? newLogicalLength;
        ArgumentOutOfRangeException.ThrowIfNegative(count, nameof(valuesCount));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, newLogicalLength, nameof(valuesCount));
        var values = Ensure(destination.ValueArray, count, maxValuesCapacity, keepOldOnResize);
        var indices = count < newLogicalLength || requireIndicesOnDense
            ? Ensure(destination.IndexArray, count, maxValuesCapacity, keepOldOnResize)
            : destination.IndexArray;
        return new VBufferEditor<T>(newLogicalLength, count, values, indices, count < newLogicalLength || requireIndicesOnDense);
    }

    public static VBufferEditor<T> CreateFromBuffer<T>(ref VBuffer<T> destination) =>
        Create(ref destination, destination.Length, destination.GetValues().Length);

    private static TItem[] Ensure<TItem>(TItem[] array, int count, int? capacity, bool keep)
    {
        if (array?.Length >= count)
        {
            return array;
        }

        var grown = new TItem[Math.Min(Math.Max(count, 2 * (array?.Length ?? 0)), Math.Max(count, capacity ?? count))];
        if (keep)
        {
            array?.CopyTo(grown, 0);
        }

        return grown;
    }
}
