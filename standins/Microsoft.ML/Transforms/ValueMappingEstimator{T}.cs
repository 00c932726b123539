namespace Microsoft.ML.Transforms;

public sealed class ValueMappingEstimator<TKey, TValue> : ValueMappingEstimator
{
    internal ValueMappingEstimator(InputOutputColumnPair pair, IEnumerable<(TKey Key, TValue[] Items)> map, bool isVector)
        : base(pair, ValueMappingTransformer.Of(pair, [.. map], isVector))
    {
    }
}
