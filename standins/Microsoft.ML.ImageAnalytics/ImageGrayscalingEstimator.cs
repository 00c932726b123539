using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms.Image;

public sealed class ImageGrayscalingEstimator : TrivialEstimator<ImageGrayscalingTransformer>
{
    private readonly InputOutputColumnPair _pair;

    internal ImageGrayscalingEstimator(InputOutputColumnPair pair)
        : base(new ImageGrayscalingTransformer(pair)) => _pair = pair;

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
        => inputSchema.With(new SchemaShape.Column(_pair.OutputColumnName, SchemaShape.Column.VectorKind.Scalar,
            inputSchema.RequireImage(_pair.InputColumnName).ItemType, false));
}
