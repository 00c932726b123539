using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

public sealed class KeyToValueMappingEstimator : TrivialEstimator<KeyToValueMappingTransformer>
{
    private readonly InputOutputColumnPair[] _pairs;

    internal KeyToValueMappingEstimator(InputOutputColumnPair[] pairs)
        : base(new KeyToValueMappingTransformer(pairs)) => _pairs = pairs;

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema) => _pairs.Aggregate(inputSchema, (shape, pair) =>
    {
        var input = inputSchema.Require(pair.InputColumnName);
        if (!input.IsKey)
        {
            throw Errors.SchemaMismatch(nameof(inputSchema), input.Name, "key type", input.GetTypeString());
        }

        var values = input.Annotations.Find(SchemaAnnotationsExtensions.KeyValues)
            ?? throw new ArgumentException($"Input column '{input.Name}' doesn't contain key values metadata", nameof(inputSchema));
        var names = input.Annotations.Where(a => a.Name == SchemaAnnotationsExtensions.SlotNames);
        return shape.With(new SchemaShape.Column(pair.OutputColumnName, input.Kind, values.ItemType, values.IsKey, new SchemaShape(names)));
    });
}
