using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms.Image;

public sealed class ImageResizingEstimator : IStandInEstimator<ImageResizingTransformer>
{
    private readonly string _output, _input;
    private readonly ImageResizingTransformer _transformer;

    internal ImageResizingEstimator(string output, string input, int width, int height, ResizingKind kind, Anchor anchor)
        => (_output, _input, _transformer) = (output, input, new ImageResizingTransformer(output, input, width, height, kind, anchor));

    public enum ResizingKind : byte
    {
        IsoPad,
        IsoCrop,
        Fill,
    }

    public enum Anchor : byte
    {
        Right,
        Left,
        Top,
        Bottom,
        Center,
    }

    ImageResizingTransformer IStandInEstimator<ImageResizingTransformer>.Transformer => _transformer;

    IEnumerable<SchemaShape.Column> IStandInEstimator<ImageResizingTransformer>.GetOutputColumns(SchemaShape inputSchema)
    {
        Columns.Require(inputSchema, _input, OneToOne.IsImage, OneToOne.Image);
        return [Internals.Column(_output, SchemaShape.Column.VectorKind.Scalar, _transformer.Type, false)];
    }
}
