using System.Reflection;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

public sealed class KeyToValueMappingTransformer : OneToOneTransformerBase
{
    internal KeyToValueMappingTransformer(InputOutputColumnPair[] pairs)
        : base(pairs)
    {
    }

    private protected override ColumnMapping Map(DataViewSchema.Column input, int pair)
    {
        var annotation = input.Annotations.Schema.GetColumnOrNull(SchemaAnnotationsExtensions.KeyValues)
            ?? throw new InvalidOperationException($"Metadata KeyValues does not exist (column '{input.Name}')");
        if (input.Type.ItemType() is not KeyDataViewType key || annotation.Type is not VectorDataViewType values || (ulong)values.Size != key.Count)
        {
            throw new InvalidOperationException($"KeyValues metadata size does not match column type key count (column '{input.Name}')");
        }

        var names = new DataViewSchema.Annotations.Builder();
        names.Add(input.Annotations, kind => kind == SchemaAnnotationsExtensions.SlotNames);
        var make = typeof(KeyToValueMappingTransformer).GetMethod(nameof(Lookup), BindingFlags.Static | BindingFlags.NonPublic)
            .MakeGenericMethod(key.RawType, values.ItemType.RawType);
        var items = input.Annotations.Items(annotation);
        return new ColumnMapping(input.Type.WithItemType(values.ItemType), names.ToAnnotations(), row => (Delegate)make.Invoke(null, [row, input, items]));
    }

    private protected override void Save(ModelSaveContext ctx) => ctx.Save(GetType(), WritePairs);

    private static KeyToValueMappingTransformer Create(IHostEnvironment env, BinaryReader reader) => new(ReadPairs(reader));

    // A missing key (0) has no value: NaN for numbers with a fraction, the default of others.
    private static Delegate Lookup<TKey, TValue>(DataViewRow row, DataViewSchema.Column input, TValue[] values)
        where TKey : struct, IConvertible
    {
        var missing = default(TValue) switch { float => (TValue)(object)float.NaN, double => (TValue)(object)double.NaN, _ => default };
        return ItemMap.Getter<TKey, TValue>(row, input, key => key.ToUInt64(null) is var k && k > 0 && k <= (ulong)values.Length ? values[k - 1] : missing);
    }
}
