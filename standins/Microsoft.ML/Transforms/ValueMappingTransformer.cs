using System.Reflection;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

public class ValueMappingTransformer : OneToOneTransformerBase
{
    private readonly PrimitiveDataViewType _keyType;
    private readonly Array _keys;
    private readonly Array[] _values;

    private ValueMappingTransformer(InputOutputColumnPair[] pairs, PrimitiveDataViewType keyType, Array keys, DataViewType valueType, Array[] values)
        : base(pairs)
    {
        _keyType = keyType;
        _keys = keys;
        ValueType = valueType;
        _values = values;
    }

    /// <summary>What a key is mapped to: a scalar, or a vector, of fixed size where all have the same.</summary>
    internal DataViewType ValueType { get; }

    internal static ValueMappingTransformer Of<TKey, TValue>(InputOutputColumnPair pair, (TKey Key, TValue[] Items)[] map, bool isVector)
    {
        var itemType = PrimitiveOf(typeof(TValue));
        var sizes = map.Select(m => m.Items.Length).Distinct().ToArray();
        return new(
            [pair],
            PrimitiveOf(typeof(TKey)),
            Raw(map.Select(m => m.Key).ToArray()),
            isVector ? new VectorDataViewType(itemType, sizes.Length == 1 ? sizes[0] : 0) : itemType,
            [.. map.Select(m => Raw(m.Items))]);
    }

    private protected override ColumnMapping Map(DataViewSchema.Column input, int pair)
    {
        if (input.Type is VectorDataViewType && ValueType is VectorDataViewType)
        {
            throw new NotSupportedException($"Column '{input.Name}' cannot be mapped to values when the column and the map values are both vector type.");
        }

        if (!input.Type.ItemType().Equals(_keyType))
        {
            throw Errors.SchemaMismatch("inputSchema", input.Name, _keyType.ToString(), input.Type.ToString());
        }

        var make = typeof(ValueMappingTransformer).GetMethod(ValueType is VectorDataViewType ? nameof(VectorLookup) : nameof(Lookup), BindingFlags.Instance | BindingFlags.NonPublic)
            .MakeGenericMethod(_keyType.RawType, ValueType.ItemType().RawType)
            .CreateDelegate<Func<DataViewSchema.Column, Func<DataViewRow, Delegate>>>(this);
        return new ColumnMapping(ValueType is VectorDataViewType ? ValueType : input.Type.WithItemType((PrimitiveDataViewType)ValueType), null, make(input));
    }

    private protected override void Save(ModelSaveContext ctx) => ctx.Save(typeof(ValueMappingTransformer), writer =>
    {
        WritePairs(writer);
        BinaryValues.WriteType(writer, _keyType);
        BinaryValues.WriteArray(writer, _keyType, _keys);
        BinaryValues.WriteType(writer, ValueType);
        Array.ForEach(_values, items => BinaryValues.WriteArray(writer, ValueType.ItemType(), items));
    });

    private static ValueMappingTransformer Create(IHostEnvironment env, BinaryReader reader)
    {
        var (pairs, keyType) = (ReadPairs(reader), (PrimitiveDataViewType)BinaryValues.ReadType(reader));
        var (keys, valueType) = (BinaryValues.ReadArray(reader, keyType), BinaryValues.ReadType(reader));
        return new(pairs, keyType, keys, valueType, [.. keys.Cast<object>().Select(_ => BinaryValues.ReadArray(reader, valueType.ItemType()))]);
    }

    private static PrimitiveDataViewType PrimitiveOf(Type type) =>
        ColumnTypes.FromPrimitive(type == typeof(string) ? typeof(ReadOnlyMemory<char>) : type)
        ?? throw new InvalidOperationException($"Unsupported type {type} used in mapping.");

    private static Array Raw<T>(T[] values) => values is string[] texts ? Array.ConvertAll(texts, t => t.AsMemory()) : values;

    private Dictionary<TKey, TValue[]> Table<TKey, TValue>() =>
        new(((TKey[])_keys).Select((key, i) => KeyValuePair.Create(key, (TValue[])_values[i])), new ValueComparer<TKey>());

    private Func<DataViewRow, Delegate> Lookup<TKey, TValue>(DataViewSchema.Column input)
    {
        var table = Table<TKey, TValue>();
        return row => ItemMap.Getter<TKey, TValue>(row, input, key => table.TryGetValue(key, out var items) ? items[0] : default);
    }

    private Func<DataViewRow, Delegate> VectorLookup<TKey, TValue>(DataViewSchema.Column input)
    {
        var table = Table<TKey, TValue>();
        return row =>
        {
            var getter = row.GetGetter<TKey>(input);
            TKey key = default;
            return (ValueGetter<VBuffer<TValue>>)((ref VBuffer<TValue> dst) =>
            {
                getter(ref key);
                var items = table.GetValueOrDefault(key, []);
                var editor = VBufferEditor.Create(ref dst, items.Length);
                items.CopyTo(editor.Values);
                dst = editor.Commit();
            });
        };
    }
}
