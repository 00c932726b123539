using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms.Onnx;

public sealed class OnnxScoringEstimator : TrivialEstimator<OnnxTransformer>
{
    internal OnnxScoringEstimator(IHostEnvironment env, OnnxOptions options, Stream model)
        : base(new OnnxTransformer(env, options, model))
    {
    }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        foreach (var input in Transformer.Inputs)
        {
            var column = inputSchema.Require(input.Name);
            if (!input.ItemType.Equals(column.ItemType))
                throw Errors.SchemaMismatch(nameof(inputSchema), input.Name, input.ItemType.ToString(), column.ItemType.ToString());
        }
        return Transformer.Outputs.Aggregate(inputSchema, (shape, output) => shape.With(SchemaShape.Column.Of(output.Name, output.OutputType)));
    }
}
