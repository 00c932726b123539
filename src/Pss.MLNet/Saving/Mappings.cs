using System.Runtime.InteropServices;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Pss.Engine.Data;
using Pss.Engine.Data.Images;
using Pss.MLNet.Rows;

namespace Pss.MLNet.Saving;

/// <summary>Reads no column.</summary>
internal sealed class EmptyInput;

/// <summary>The constant key by which a saved model looks up its state.</summary>
internal sealed class KeyOutput
{
    [ColumnName(SavedColumns.Key)]
    public int Key { get; set; }
}

/// <summary>Input: an image of any size, and the model's state.</summary>
internal sealed class ImageInput
{
    [ColumnName(SavedColumns.Image), AnyImage]
    public MLImage? Image { get; set; }

    [ColumnName(SavedColumns.State)]
    public VBuffer<float> State { get; set; }
}

/// <summary>Input: an image file, and the model's state.</summary>
internal sealed class FileInput
{
    [ColumnName(SavedColumns.Image)]
    public ReadOnlyMemory<char> Path { get; set; }

    [ColumnName(SavedColumns.State)]
    public VBuffer<float> State { get; set; }
}

/// <summary>Input: interleaved RGB pixels of an image of fixed size, and the model's state.</summary>
internal sealed class BytesInput
{
    [ColumnName(SavedColumns.Image)]
    public VBuffer<byte> Image { get; set; }

    [ColumnName(SavedColumns.State)]
    public VBuffer<float> State { get; set; }
}

/// <summary>Output: the network's inputs.</summary>
internal sealed class NetworkRow
{
    /// <summary>Reused for every row; not a column, since it is not public.</summary>
    internal RgbImage? Scratch;

    [ColumnName(SavedColumns.Pixels)]
    public VBuffer<byte> Pixels { get; set; }

    [ColumnName(SavedColumns.Geometry), VectorType(4)]
    public float[] Geometry { get; set; } = new float[4];

    internal void Fill(RgbImage? image, in VBuffer<float> state)
    {
        var pixels = Pixels;
        ImageScaling.FromNumbers(state.GetValues()).Apply(image, ref pixels, Geometry);
        Pixels = pixels;
    }
}

/// <summary>Input: the masks of an image's detections as pixels, and the image's size by its geometry.</summary>
internal sealed class MaskPixels
{
    [ColumnName(SavedColumns.Masks)]
    public VBuffer<byte> Masks { get; set; }

    [ColumnName(SavedColumns.Geometry)]
    public VBuffer<float> Geometry { get; set; }
}

/// <summary>Output: the masks as text.</summary>
internal sealed class MaskTexts
{
    [ColumnName(SavedColumns.MaskTexts)]
    public VBuffer<ReadOnlyMemory<char>> Texts { get; set; }
}

/// <summary>The constant key. Model files contain this contract name: it must not change.</summary>
/// <remarks>It begins a model whose network runs on ONNX Runtime. Loading the model gets this mapping before it loads the network. Therefore ONNX Runtime is checked
/// here: ML.NET's own error does not name the missing package.</remarks>
[CustomMappingFactoryAttribute(Contract)]
internal sealed class KeyFactory : CustomMappingFactory<EmptyInput, KeyOutput>
{
    public const string Contract = "Pss.Key";

    public static void Map(EmptyInput _, KeyOutput output) => output.Key = 0;

    public override Action<EmptyInput, KeyOutput> GetMapping()
    {
        NativeOnnxRuntime.Require("The saved detector cannot be loaded");
        return Map;
    }
}

/// <summary>Resizes images. Model files contain this contract name: it must not change.</summary>
[CustomMappingFactoryAttribute(Contract)]
internal sealed class ImageFactory : CustomMappingFactory<ImageInput, NetworkRow>
{
    public const string Contract = "Pss.ScaleImage";

    public static void Map(ImageInput input, NetworkRow output)
        => output.Fill(input.Image is null ? null : output.Scratch = MLImages.ToRgb(input.Image, output.Scratch), input.State);

    public override Action<ImageInput, NetworkRow> GetMapping() => Map;
}

/// <summary>Reads and resizes image files. Model files contain this contract name: it must not change.</summary>
[CustomMappingFactoryAttribute(Contract)]
internal sealed class FileFactory : CustomMappingFactory<FileInput, NetworkRow>
{
    public const string Contract = "Pss.ScaleFile";

    public static void Map(FileInput input, NetworkRow output)
        => output.Fill(input.Path.Span.IsWhiteSpace() ? null : Load(input), input.State);

    private static RgbImage Load(FileInput input)
        => RgbImage.Load(input.Path.ToString(), ImageDecoding.For(ImageScaling.FromNumbers(input.State.GetValues()).Rule));

    public override Action<FileInput, NetworkRow> GetMapping() => Map;
}

/// <summary>Resizes pixels that ExtractPixels copied from an image of fixed size. Model files contain this contract name: it must not change.</summary>
[CustomMappingFactoryAttribute(Contract)]
internal sealed class BytesFactory : CustomMappingFactory<BytesInput, NetworkRow>
{
    public const string Contract = "Pss.ScaleBytes";

    public static void Map(BytesInput input, NetworkRow output)
    {
        var (pixels, state) = (input.Image, input.State);
        // ExtractPixels makes a vector without values from a null image.
        if (pixels.GetValues().Length == 0)
        {
            output.Fill(null, state);
            return;
        }
        output.Scratch ??= new((int)state.GetValues()[3], (int)state.GetValues()[4]);
        pixels.CopyTo(output.Scratch.Pixels);
        output.Fill(output.Scratch, state);
    }

    public override Action<BytesInput, NetworkRow> GetMapping() => Map;
}

/// <summary>Writes masks as text. Model files contain this contract name: it must not change.</summary>
[CustomMappingFactoryAttribute(Contract)]
internal sealed class MaskFactory : CustomMappingFactory<MaskPixels, MaskTexts>
{
    public const string Contract = "Pss.MaskTexts";

    public static void Map(MaskPixels input, MaskTexts output)
    {
        var (width, height) = ImageScaling.SizeOf(input.Geometry.GetValues());
        var pixels = MemoryMarshal.Cast<byte, bool>(input.Masks.GetValues());
        var texts = new ReadOnlyMemory<char>[pixels.Length / (width * height)];
        for (var i = 0; i < texts.Length; i++)
            texts[i] = MaskText.Write(Segmentation.FromBitmap(pixels.Slice(i * width * height, width * height), height, width)).AsMemory();
        output.Texts = new(texts.Length, texts);
    }

    public override Action<MaskPixels, MaskTexts> GetMapping() => Map;
}
