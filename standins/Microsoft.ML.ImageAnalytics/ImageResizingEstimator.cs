using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms.Image;

public sealed class ImageResizingEstimator : TrivialEstimator<ImageResizingTransformer>
{
    private readonly InputOutputColumnPair _pair;

    internal ImageResizingEstimator(InputOutputColumnPair pair, int width, int height, ResizingKind kind, Anchor anchor)
        : base(new ImageResizingTransformer(pair, width, height, kind, anchor)) => _pair = pair;

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

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        inputSchema.RequireImage(_pair.InputColumnName);
        return inputSchema.With(new SchemaShape.Column(_pair.OutputColumnName, SchemaShape.Column.VectorKind.Scalar, Transformer.OutputType, false));
    }
}
