using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms.Image;

public sealed class ImagePixelExtractingEstimator : TrivialEstimator<ImagePixelExtractingTransformer>
{
    private readonly InputOutputColumnPair _pair;
    private readonly NumberDataViewType _itemType;

    internal ImagePixelExtractingEstimator(InputOutputColumnPair pair, PixelOptions options)
        : base(new ImagePixelExtractingTransformer(pair, options)) => (_pair, _itemType) = (pair, options.ItemType);

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

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        inputSchema.RequireImage(_pair.InputColumnName);
        return inputSchema.With(new SchemaShape.Column(_pair.OutputColumnName, SchemaShape.Column.VectorKind.Vector, _itemType, false));
    }
}
