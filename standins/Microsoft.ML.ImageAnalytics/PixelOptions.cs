using Microsoft.ML.Data;
using static Microsoft.ML.Transforms.Image.ImagePixelExtractingEstimator;

namespace Microsoft.ML.Transforms.Image;

internal sealed record PixelOptions(ColorBits Colors, ColorsOrder Order, bool Interleave, float Offset, float Scale, bool AsFloat)
{
    /// <summary>The channels to extract, in order: some of a, r, g, b.</summary>
    internal string Channels { get; } = string.Concat(Order.ToString().ToLowerInvariant().Where(letter => (Colors & Bit(letter)) != 0));

    internal NumberDataViewType ItemType => AsFloat ? NumberDataViewType.Single : NumberDataViewType.Byte;

    internal static PixelOptions Load(BinaryReader reader)
        => new((ColorBits)reader.ReadByte(), (ColorsOrder)reader.ReadByte(), reader.ReadBoolean(), reader.ReadSingle(), reader.ReadSingle(), reader.ReadBoolean());

    internal void Save(BinaryWriter writer)
    {
        writer.Write((byte)Colors);
        writer.Write((byte)Order);
        writer.Write(Interleave);
        writer.Write(Offset);
        writer.Write(Scale);
        writer.Write(AsFloat);
    }

    private static ColorBits Bit(char letter) => letter switch { 'a' => ColorBits.Alpha, 'r' => ColorBits.Red, 'g' => ColorBits.Green, _ => ColorBits.Blue };
}
