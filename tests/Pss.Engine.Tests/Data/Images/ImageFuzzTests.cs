using CsCheck;
using Pss.Engine.Data.Images;
using SkiaSharp;

namespace Pss.Engine.Tests.Data.Images;

/// <summary>Damaged image files.</summary>
public sealed class ImageFuzzTests
{
    private const string Name = "damaged.image";

    public static TheoryData<string> Formats => ["baseline jpeg", "progressive jpeg", "turned jpeg", "png", "palette png", "lossy webp", "lossless webp", "turned webp", "bmp", "gif", "ico"];

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_damaged_image_is_decoded_or_refused_by_name(string format)
    {
        var image = Image(format);
        RgbImage.Decode(image, Name);
        Fuzz.Check(Fuzz.Mutated(image), bytes => RgbImage.Decode(bytes, Name), IsDocumented);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_damaged_header_is_read_or_refused_by_name(string format)
    {
        var image = Image(format);
        var whole = RgbImage.Decode(image, Name);
        Fuzz.Check(Fuzz.Mutated(image), bytes =>
        {
            var header = ImageHeader.Read(new MemoryStream(bytes), Name);
            Assert.True(header.Width > 0 && header.Height > 0, $"{header}");
        }, IsDocumented);
        Assert.Equal((whole.Width, whole.Height), (ImageHeader.Read(new MemoryStream(image), Name).Width, ImageHeader.Read(new MemoryStream(image), Name).Height));
    }

    private static bool IsDocumented(Exception fault) => fault is InvalidDataException && fault.Message.StartsWith(Name, StringComparison.Ordinal);

    private static byte[] Image(string format)
    {
        var waves = ImageFiles.Waves(24, 17);
        byte[] palette = [255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9];
        return format switch
        {
            "baseline jpeg" => ImageFiles.Encode(waves, SKEncodedImageFormat.Jpeg),
            "progressive jpeg" => Convert.FromBase64String(ImageFiles.ProgressiveJpeg),
            "turned jpeg" => ImageFiles.Turned(ImageFiles.Encode(waves, SKEncodedImageFormat.Jpeg), 6),
            "png" => ImageFiles.Encode(waves, SKEncodedImageFormat.Png),
            "palette png" => ImageFiles.Png(4, 2, 2, 3, _ => [0b00011011], ("PLTE", palette), ("tRNS", [255, 128, 3, 0])),
            "lossy webp" => ImageFiles.Encode(waves, SKEncodedImageFormat.Webp, 80),
            "lossless webp" => ImageFiles.Encode(waves, SKEncodedImageFormat.Webp, 100),
            "turned webp" => ImageFiles.TurnedWebp(ImageFiles.Encode(waves, SKEncodedImageFormat.Webp, 80), 8, 24, 17),
            "bmp" => ImageFiles.Bmp(waves),
            "gif" => ImageFiles.Gif(3, 3, [0, 1, 2, 3, 3, 2, 1, 0, 0], palette),
            "ico" => ImageFiles.Ico(ImageFiles.Encode(waves, SKEncodedImageFormat.Png), 24, 17),
            _ => throw new ArgumentOutOfRangeException(nameof(format), format, "unknown"),
        };
    }
}
