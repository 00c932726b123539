using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML.Data;

public sealed class ImageLoadingEstimator : IStandInEstimator<ImageLoadingTransformer>
{
    private readonly string _output, _input;
    private readonly ImageLoadingTransformer _transformer;

    internal ImageLoadingEstimator(string output, string input, string imageFolder)
        => (_output, _input, _transformer) = (output, input, new ImageLoadingTransformer(output, input, imageFolder));

    ImageLoadingTransformer IStandInEstimator<ImageLoadingTransformer>.Transformer => _transformer;

    IEnumerable<SchemaShape.Column> IStandInEstimator<ImageLoadingTransformer>.GetOutputColumns(SchemaShape inputSchema)
    {
        Columns.Require(inputSchema, _input, type => type is TextDataViewType, TextDataViewType.Instance.ToString());
        return [Internals.Column(_output, SchemaShape.Column.VectorKind.Scalar, new ImageDataViewType(), false)];
    }
}
