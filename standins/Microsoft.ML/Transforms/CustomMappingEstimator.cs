using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

public sealed class CustomMappingEstimator<TSrc, TDst> : TrivialEstimator<CustomMappingTransformer<TSrc, TDst>>
    where TSrc : class, new()
    where TDst : class, new()
{
    private readonly SchemaDefinition _inputDefinition;

    internal CustomMappingEstimator(Action<TSrc, TDst> map, string contract, SchemaDefinition inputDefinition, SchemaDefinition outputDefinition)
        : base(new CustomMappingTransformer<TSrc, TDst>(map, contract, inputDefinition, outputDefinition)) => _inputDefinition = inputDefinition;

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        foreach (var wanted in BoundColumn.Of(typeof(TSrc), _inputDefinition, SchemaDefinition.Direction.Write))
        {
            var expected = SchemaShape.Column.Of(wanted.Name, wanted.Type);
            var actual = inputSchema.Require(wanted.Name);
            // A variable vector takes a fixed one as well. Item types are compared by reference, in the real package too: an image column fails here.
            if (!ReferenceEquals(expected.ItemType, actual.ItemType) || expected.IsKey != actual.IsKey
                || (expected.Kind == SchemaShape.Column.VectorKind.VariableVector ? actual.Kind == SchemaShape.Column.VectorKind.Scalar : actual.Kind != expected.Kind))
            {
                throw Errors.SchemaMismatch(nameof(inputSchema), wanted.Name, expected.GetTypeString(), actual.GetTypeString());
            }
        }

        return SchemaShape.Create(Transformer.AddedSchema).Aggregate(inputSchema, (shape, column) => shape.With(column));
    }
}
