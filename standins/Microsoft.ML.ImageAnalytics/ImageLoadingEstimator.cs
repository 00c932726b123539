using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML.Data;

public sealed class ImageLoadingEstimator : TrivialEstimator<ImageLoadingTransformer>
{
    private readonly InputOutputColumnPair _pair;

    internal ImageLoadingEstimator(InputOutputColumnPair pair, string imageFolder)
        : base(new ImageLoadingTransformer(pair, imageFolder)) => _pair = pair;

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        var input = inputSchema.Require(_pair.InputColumnName);
        return input.ItemType is TextDataViewType
            ? inputSchema.With(new SchemaShape.Column(_pair.OutputColumnName, SchemaShape.Column.VectorKind.Scalar, new ImageDataViewType(), false))
            : throw Errors.SchemaMismatch(nameof(inputSchema), input.Name, TextDataViewType.Instance.ToString(), input.GetTypeString());
    }
}
