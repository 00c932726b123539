using System.Reflection;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

public sealed class ValueToKeyMappingEstimator : IEstimator<ValueToKeyMappingTransformer>
{
    private readonly InputOutputColumnPair[] _pairs;
    private readonly int _maximum;
    private readonly KeyOrdinality _order;
    private readonly bool _asText;
    private readonly IDataView _keyData;

    internal ValueToKeyMappingEstimator(InputOutputColumnPair[] pairs, int maximum, KeyOrdinality order, bool asText, IDataView keyData)
    {
        if (keyData is not null && keyData.Schema.Count != 1)
        {
            throw new ArgumentException(
                $"If specified, this data view should contain only a single column containing the terms to map, but this had {keyData.Schema.Count} columns.", nameof(keyData));
        }

        _pairs = pairs;
        _maximum = maximum;
        _order = order;
        _asText = asText;
        _keyData = keyData;
    }

    public ValueToKeyMappingTransformer Fit(IDataView input) => new(_pairs, _asText, [.. _pairs.Select(pair => Terms(input, pair.InputColumnName))]);

    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => _pairs.Aggregate(inputSchema, (shape, pair) =>
    {
        var input = inputSchema.Require(pair.InputColumnName);
        if (input.ItemType is not PrimitiveDataViewType)
        {
            throw Errors.SchemaMismatch(nameof(inputSchema), input.Name, "a primitive type or a vector of one", input.GetTypeString());
        }

        var values = new SchemaShape.Column(
            SchemaAnnotationsExtensions.KeyValues, SchemaShape.Column.VectorKind.Vector, _asText ? TextDataViewType.Instance : input.ItemType, false);
        var names = input.Annotations.Where(a => a.Name == SchemaAnnotationsExtensions.SlotNames);
        return shape.With(new SchemaShape.Column(pair.OutputColumnName, input.Kind, NumberDataViewType.UInt32, true, new SchemaShape([.. names, values])));
    });

    private Array Terms(IDataView input, string name)
    {
        var column = input.Schema.GetColumnOrNull(name) ?? throw Errors.MissingColumn("inputSchema", name);
        var itemType = column.Type.ItemType();
        if (_keyData is not null)
        {
            var given = _keyData.Schema[0];
            if (!given.Type.Equals(itemType))
            {
                throw new ArgumentException($"keyData: must be of type '{itemType}' (column '{name}') but was '{given.Type}'");
            }

            (input, column) = (_keyData, given);
        }

        return (Array)typeof(ValueToKeyMappingEstimator).GetMethod(nameof(Collect), BindingFlags.Instance | BindingFlags.NonPublic)
            .MakeGenericMethod(itemType.RawType).Invoke(this, BindingFlags.DoNotWrapExceptions, null, [input, column], null);
    }

    private T[] Collect<T>(IDataView input, DataViewSchema.Column column)
    {
        var comparer = new ValueComparer<T>();
        var terms = new HashSet<T>(comparer);
        using var cursor = input.GetRowCursor([column]);
        var read = KeptItems.Of(column.Type, cursor.GetterOf(column));
        while (terms.Count < _maximum && cursor.MoveNext())
        {
            foreach (var value in (T[])read())
            {
                if (terms.Count < _maximum && !ValueComparer<T>.IsMissing(value))
                {
                    terms.Add(value);
                }
            }
        }

        return _order == KeyOrdinality.ByValue ? [.. terms.Order(comparer)] : [.. terms];
    }

    public enum KeyOrdinality : byte
    {
        ByOccurrence = 0,
        ByValue = 1,
    }
}
