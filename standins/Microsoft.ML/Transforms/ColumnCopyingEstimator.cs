using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

public sealed class ColumnCopyingEstimator : TrivialEstimator<ColumnCopyingTransformer>
{
    private readonly InputOutputColumnPair[] _pairs;

    internal ColumnCopyingEstimator(InputOutputColumnPair[] pairs)
        : base(new ColumnCopyingTransformer(pairs)) => _pairs = pairs;

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema) => _pairs.Aggregate(inputSchema, (shape, pair) =>
    {
        var input = inputSchema.Require(pair.InputColumnName);
        return shape.With(new SchemaShape.Column(pair.OutputColumnName, input.Kind, input.ItemType, input.IsKey, input.Annotations));
    });
}
