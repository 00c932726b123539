using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms.Image;

public sealed class ImageGrayscalingTransformer : OneToOneTransformerBase
{
    internal ImageGrayscalingTransformer(InputOutputColumnPair pair)
        : base([pair])
    {
    }

    private protected override ColumnMapping Map(DataViewSchema.Column input, int pair)
        => new(input.RequireImage(), null, row => MakeGetter(row, input));

    private protected override void Save(ModelSaveContext ctx) => ctx.Save(GetType(), WritePairs);

    private static ImageGrayscalingTransformer Create(IHostEnvironment env, BinaryReader reader) => new(ReadPairs(reader)[0]);

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
