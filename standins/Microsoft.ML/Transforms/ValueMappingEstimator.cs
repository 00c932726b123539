using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

public class ValueMappingEstimator : TrivialEstimator<ValueMappingTransformer>
{
    private readonly InputOutputColumnPair _pair;

    private protected ValueMappingEstimator(InputOutputColumnPair pair, ValueMappingTransformer transformer)
        : base(transformer) => _pair = pair;

    public sealed override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        var input = inputSchema.Require(_pair.InputColumnName);
        var output = SchemaShape.Column.Of(_pair.OutputColumnName, Transformer.ValueType);
        return inputSchema.With(input.Kind == SchemaShape.Column.VectorKind.Scalar
            ? output
            : new SchemaShape.Column(output.Name, input.Kind, output.ItemType, output.IsKey));
    }
}
