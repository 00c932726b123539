using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms.Onnx;

public sealed class OnnxScoringEstimator : IStandInEstimator<OnnxTransformer>
{
    private readonly OnnxTransformer _transformer;

    internal OnnxScoringEstimator(IHostEnvironment env, OnnxOptions options, Stream model) => _transformer = new OnnxTransformer(env, options, model);

    OnnxTransformer IStandInEstimator<OnnxTransformer>.Transformer => _transformer;

    IEnumerable<SchemaShape.Column> IStandInEstimator<OnnxTransformer>.GetOutputColumns(SchemaShape inputSchema)
    {
        foreach (var input in _transformer.Inputs)
            Columns.Require(inputSchema, input.Name, input.ItemType.Equals, input.ItemType.ToString());
        return _transformer.Outputs.Select(output => Internals.Column(output.Name,
            output.OutputType.IsKnownSize ? SchemaShape.Column.VectorKind.Vector : SchemaShape.Column.VectorKind.VariableVector, output.ItemType, false));
    }
}
