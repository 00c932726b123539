using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML.Data;

public sealed class ImageLoadingTransformer : IStandInTransformer
{
    private readonly string _folder;
    private readonly ITransformer _inner;

    internal ImageLoadingTransformer(string output, string input, string imageFolder)
    {
        _folder = imageFolder;
        _inner = OneToOne.Create(GetType(), output, input, type => type is TextDataViewType, TextDataViewType.Instance.ToString(),
            _ => new ImageDataViewType(), MakeGetter, writer => writer.Write(_folder ?? ""));
    }

    ITransformer IStandInTransformer.Inner => _inner;

    private static ITransformer Create(IHostEnvironment env, BinaryReader reader)
        => new ImageLoadingTransformer(reader.ReadString(), reader.ReadString(), reader.ReadString());

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
