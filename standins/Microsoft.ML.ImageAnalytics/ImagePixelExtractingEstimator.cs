using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms.Image;

public sealed class ImagePixelExtractingEstimator : IStandInEstimator<ImagePixelExtractingTransformer>
{
    private readonly string _output, _input;
    private readonly NumberDataViewType _itemType;
    private readonly ImagePixelExtractingTransformer _transformer;

    internal ImagePixelExtractingEstimator(string output, string input, PixelOptions options)
        => (_output, _input, _itemType, _transformer) = (output, input, options.ItemType, new ImagePixelExtractingTransformer(output, input, options));

    [Flags]
    public enum ColorBits : byte
    {
        Alpha = 1,
        Red = 2,
        Green = 4,
        Blue = 8,
        Rgb = Red | Green | Blue,
        All = Alpha | Rgb,
    }

    public enum ColorsOrder : byte
    {
        ARGB = 1,
        ARBG,
        ABRG,
        ABGR,
        AGRB,
        AGBR,
    }

    ImagePixelExtractingTransformer IStandInEstimator<ImagePixelExtractingTransformer>.Transformer => _transformer;

    IEnumerable<SchemaShape.Column> IStandInEstimator<ImagePixelExtractingTransformer>.GetOutputColumns(SchemaShape inputSchema)
    {
        Columns.Require(inputSchema, _input, OneToOne.IsImage, OneToOne.Image);
        return [Internals.Column(_output, SchemaShape.Column.VectorKind.Vector, _itemType, false)];
    }
}
