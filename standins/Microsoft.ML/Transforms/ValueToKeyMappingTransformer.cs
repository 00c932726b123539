using System.Globalization;
using System.Reflection;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

public sealed class ValueToKeyMappingTransformer : OneToOneTransformerBase
{
    private readonly bool _asText;
    private readonly Array[] _terms;

    internal ValueToKeyMappingTransformer(InputOutputColumnPair[] pairs, bool asText, Array[] terms)
        : base(pairs)
    {
        _asText = asText;
        _terms = terms;
    }

    private protected override ColumnMapping Map(DataViewSchema.Column input, int pair)
    {
        var terms = _terms[pair];
        var itemType = ColumnTypes.FromPrimitive(terms.GetType().GetElementType());
        if (!input.Type.ItemType().Equals(itemType))
        {
            throw Errors.SchemaMismatch("inputSchema", input.Name, $"{itemType} or a vector of it", input.Type.ToString());
        }

        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add(input.Annotations, kind => kind == SchemaAnnotationsExtensions.SlotNames);
        if (terms.Length > 0)
        {
            Array shown = _asText ? terms.Cast<object>().Select(t => Convert.ToString(t, CultureInfo.InvariantCulture).AsMemory()).ToArray() : terms;
            var type = new VectorDataViewType(_asText ? TextDataViewType.Instance : itemType, terms.Length);
            annotations.Add(SchemaAnnotationsExtensions.KeyValues, type, KeptItems.Getter(type, shown));
        }

        var make = typeof(ValueToKeyMappingTransformer).GetMethod(nameof(Lookup), BindingFlags.Static | BindingFlags.NonPublic)
            .MakeGenericMethod(itemType.RawType).CreateDelegate<Func<Array, Func<DataViewRow, DataViewSchema.Column, Delegate>>>()(terms);
        var key = new KeyDataViewType(typeof(uint), Math.Max(1, terms.Length));
        return new ColumnMapping(input.Type.WithItemType(key), annotations.ToAnnotations(), row => make(row, input));
    }

    private protected override void Save(ModelSaveContext ctx) => ctx.Save(GetType(), writer =>
    {
        WritePairs(writer);
        writer.Write(_asText);
        foreach (var terms in _terms)
        {
            var itemType = ColumnTypes.FromPrimitive(terms.GetType().GetElementType());
            BinaryValues.WriteType(writer, itemType);
            BinaryValues.WriteArray(writer, itemType, terms);
        }
    });

    private static ValueToKeyMappingTransformer Create(IHostEnvironment env, BinaryReader reader)
    {
        var pairs = ReadPairs(reader);
        return new(pairs, reader.ReadBoolean(), [.. pairs.Select(_ => BinaryValues.ReadArray(reader, BinaryValues.ReadType(reader)))]);
    }

    private static Func<DataViewRow, DataViewSchema.Column, Delegate> Lookup<T>(Array terms)
    {
        var keys = new Dictionary<T, uint>(((T[])terms).Select((term, i) => KeyValuePair.Create(term, (uint)i + 1)), new ValueComparer<T>());
        return (row, input) => ItemMap.Getter<T, uint>(row, input, value => keys.GetValueOrDefault(value));
    }
}
