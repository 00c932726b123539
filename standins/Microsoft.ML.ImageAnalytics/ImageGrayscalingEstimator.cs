using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms.Image;

public sealed class ImageGrayscalingEstimator : IStandInEstimator<ImageGrayscalingTransformer>
{
    private readonly string _output, _input;
    private readonly ImageGrayscalingTransformer _transformer;

    internal ImageGrayscalingEstimator(string output, string input) => (_output, _input, _transformer) = (output, input, new ImageGrayscalingTransformer(output, input));

    ImageGrayscalingTransformer IStandInEstimator<ImageGrayscalingTransformer>.Transformer => _transformer;

    IEnumerable<SchemaShape.Column> IStandInEstimator<ImageGrayscalingTransformer>.GetOutputColumns(SchemaShape inputSchema)
    {
        var source = Columns.Require(inputSchema, _input, OneToOne.IsImage, OneToOne.Image);
        return [Internals.Column(_output, SchemaShape.Column.VectorKind.Scalar, source.ItemType, false)];
    }
}
