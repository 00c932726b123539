using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms.Image;

public sealed class ImageResizingTransformer : IStandInTransformer
{
    private readonly int _width, _height;
    private readonly ImageResizingEstimator.ResizingKind _kind;
    private readonly ImageResizingEstimator.Anchor _anchor;
    private readonly ITransformer _inner;

    internal ImageResizingTransformer(string output, string input, int width, int height, ImageResizingEstimator.ResizingKind kind, ImageResizingEstimator.Anchor anchor)
    {
        (_width, _height, _kind, _anchor) = (width, height, kind, anchor);
        Type = new ImageDataViewType(height, width);
        _inner = OneToOne.Create(GetType(), output, input, OneToOne.IsImage, OneToOne.Image, _ => Type, MakeGetter, Save);
    }

    internal ImageDataViewType Type { get; }

    ITransformer IStandInTransformer.Inner => _inner;

    private static ITransformer Create(IHostEnvironment env, BinaryReader reader)
        => new ImageResizingTransformer(reader.ReadString(), reader.ReadString(), reader.ReadInt32(), reader.ReadInt32(),
            (ImageResizingEstimator.ResizingKind)reader.ReadByte(), (ImageResizingEstimator.Anchor)reader.ReadByte());

    private void Save(BinaryWriter writer)
    {
        writer.Write(_width);
        writer.Write(_height);
        writer.Write((byte)_kind);
        writer.Write((byte)_anchor);
    }

    private (Delegate Getter, Action Disposer) MakeGetter(DataViewRow row, DataViewSchema.Column input)
    {
        var read = row.GetGetter<MLImage>(input);
        MLImage source = null;
        return ((ValueGetter<MLImage>)Get, null);

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
