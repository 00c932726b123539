using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML.Data;

public sealed class ImageLoadingTransformer : OneToOneTransformerBase
{
    private readonly string _folder;

    internal ImageLoadingTransformer(InputOutputColumnPair pair, string imageFolder)
        : base([pair]) => _folder = imageFolder;

    private protected override ColumnMapping Map(DataViewSchema.Column input, int pair)
        => input.Type is TextDataViewType
            ? new ColumnMapping(new ImageDataViewType(), null, row => MakeGetter(row, input))
            : throw Errors.SchemaMismatch("inputSchema", input.Name, TextDataViewType.Instance.ToString(), input.Type.ToString());

    private protected override void Save(ModelSaveContext ctx) => ctx.Save(GetType(), writer =>
    {
        WritePairs(writer);
        writer.Write(_folder ?? "");
    });

    private static ImageLoadingTransformer Create(IHostEnvironment env, BinaryReader reader) => new(ReadPairs(reader)[0], reader.ReadString());

    private (Delegate Getter, Action Disposer) MakeGetter(DataViewRow row, DataViewSchema.Column input)
    {
        var read = row.GetGetter<ReadOnlyMemory<char>>(input);
        ReadOnlyMemory<char> name = default;
        MLImage last = null;
        return ((ValueGetter<MLImage>)Get, () => last?.Dispose());

        void Get(ref MLImage image)
        {
            image?.Dispose();
            image = null;
            read(ref name);
            if (name.Length > 0)
            {
                var path = string.IsNullOrWhiteSpace(_folder) ? name.ToString() : Path.Combine(_folder, name.ToString());
                using var file = File.OpenRead(path);
                image = MLImage.CreateFromStream(file);
                image.Tag = path;
            }
            last = image;
        }
    }
}
