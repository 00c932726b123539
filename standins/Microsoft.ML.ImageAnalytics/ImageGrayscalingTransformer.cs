using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms.Image;

public sealed class ImageGrayscalingTransformer : IStandInTransformer
{
    private readonly ITransformer _inner;

    internal ImageGrayscalingTransformer(string output, string input)
        => _inner = OneToOne.Create(GetType(), output, input, OneToOne.IsImage, OneToOne.Image, type => type, MakeGetter, _ => { });

    ITransformer IStandInTransformer.Inner => _inner;

    private static ITransformer Create(IHostEnvironment env, BinaryReader reader) => new ImageGrayscalingTransformer(reader.ReadString(), reader.ReadString());

    private static (Delegate Getter, Action Disposer) MakeGetter(DataViewRow row, DataViewSchema.Column input)
    {
        var read = row.GetGetter<MLImage>(input);
        MLImage source = null;
        return ((ValueGetter<MLImage>)Get, () => source?.Dispose());

        void Get(ref MLImage image)
        {
            image?.Dispose();
            read(ref source);
            if (source is not null)
                image = source.Grayscale();
        }
    }
}
