using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms.Image;

public sealed class ImagePixelExtractingTransformer : OneToOneTransformerBase
{
    private readonly PixelOptions _options;

    internal ImagePixelExtractingTransformer(InputOutputColumnPair pair, PixelOptions options)
        : base([pair]) => _options = options;

    private protected override ColumnMapping Map(DataViewSchema.Column input, int pair)
    {
        if (input.RequireImage() is not { Height: > 0 } image)
            throw Errors.SchemaMismatch("inputSchema", input.Name, "known-size image", "unknown-size image");
        var channels = _options.Channels.Length;
        int[] sizes = _options.Interleave ? [image.Height, image.Width, channels] : [channels, image.Height, image.Width];
        return new ColumnMapping(new VectorDataViewType(_options.ItemType, sizes), null, row => MakeGetter(row, input));
    }

    private protected override void Save(ModelSaveContext ctx) => ctx.Save(GetType(), writer =>
    {
        WritePairs(writer);
        _options.Save(writer);
    });

    private static ImagePixelExtractingTransformer Create(IHostEnvironment env, BinaryReader reader) => new(ReadPairs(reader)[0], PixelOptions.Load(reader));

    private (Delegate Getter, Action Disposer) MakeGetter(DataViewRow row, DataViewSchema.Column input)
        => _options.AsFloat
            ? MakeGetter(row, input, value => (value - _options.Offset) * _options.Scale)
            : MakeGetter(row, input, value => value);

    private (Delegate Getter, Action Disposer) MakeGetter<T>(DataViewRow row, DataViewSchema.Column input, Func<byte, T> convert)
    {
        var read = row.GetGetter<MLImage>(input);
        var type = (ImageDataViewType)input.Type;
        var pixelCount = type.Height * type.Width;
        var channels = _options.Channels;
        var values = Enumerable.Range(0, 256).Select(value => convert((byte)value)).ToArray();
        MLImage source = null;
        // As in the real package the last image is disposed with the row, its owner's own image too.
        return ((ValueGetter<VBuffer<T>>)Get, () => source?.Dispose());

        void Get(ref VBuffer<T> pixels)
        {
            read(ref source);
            var editor = VBufferEditor.Create(ref pixels, pixelCount * channels.Length, source is null ? 0 : null);
            if (source is not null)
                Fill(editor.Values);
            pixels = editor.Commit();
        }

        void Fill(Span<T> to)
        {
            if ((source.Height, source.Width) != (type.Height, type.Width))
                throw new InvalidOperationException($"Column '{input.Name}' is {type}, but image {source.Tag} has {source.Height} rows of {source.Width} pixels");
            var from = source.Pixels;
            var layout = source.PixelFormat == MLPixelFormat.Bgra32 ? "bgra" : "rgba";
            var (between, planes) = _options.Interleave ? (channels.Length, 1) : (1, pixelCount);
            for (var c = 0; c < channels.Length; c++)
            {
                var at = layout.IndexOf(channels[c]);
                for (int i = 0, o = c * planes; i < pixelCount; i++, o += between)
                    to[o] = values[from[i * 4 + at]];
            }
        }
    }
}
