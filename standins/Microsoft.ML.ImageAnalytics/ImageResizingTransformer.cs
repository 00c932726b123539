using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms.Image;

public sealed class ImageResizingTransformer : OneToOneTransformerBase
{
    private readonly int _width, _height;
    private readonly ImageResizingEstimator.ResizingKind _kind;
    private readonly ImageResizingEstimator.Anchor _anchor;

    internal ImageResizingTransformer(InputOutputColumnPair pair, int width, int height, ImageResizingEstimator.ResizingKind kind, ImageResizingEstimator.Anchor anchor)
        : base([pair])
    {
        (_width, _height, _kind, _anchor) = (width, height, kind, anchor);
        OutputType = new ImageDataViewType(height, width);
    }

    internal ImageDataViewType OutputType { get; }

    private protected override ColumnMapping Map(DataViewSchema.Column input, int pair)
    {
        input.RequireImage();
        return new ColumnMapping(OutputType, null, row => MakeGetter(row, input));
    }

    private protected override void Save(ModelSaveContext ctx) => ctx.Save(GetType(), writer =>
    {
        WritePairs(writer);
        writer.Write(_width);
        writer.Write(_height);
        writer.Write((byte)_kind);
        writer.Write((byte)_anchor);
    });

    private static ImageResizingTransformer Create(IHostEnvironment env, BinaryReader reader) => new(ReadPairs(reader)[0], reader.ReadInt32(), reader.ReadInt32(),
        (ImageResizingEstimator.ResizingKind)reader.ReadByte(), (ImageResizingEstimator.Anchor)reader.ReadByte());

    private ValueGetter<MLImage> MakeGetter(DataViewRow row, DataViewSchema.Column input)
    {
        var read = row.GetGetter<MLImage>(input);
        MLImage source = null;
        return Get;

        // As in the real package: an image of the right size is handed on itself, and after a null image a slot that is used again
        // keeps the disposed one.
        void Get(ref MLImage image)
        {
            image?.Dispose();
            read(ref source);
            if (source is not null)
                image = (source.Width, source.Height) == (_width, _height) ? source : source.Resize(_width, _height, _kind, _anchor);
        }
    }
}
