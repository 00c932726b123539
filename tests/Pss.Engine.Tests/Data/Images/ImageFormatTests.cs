using Pss.Engine.Data;
using Pss.Engine.Data.Formats;
using Pss.Engine.Data.Images;
using SkiaSharp;

namespace Pss.Engine.Tests.Data.Images;

/// <summary>Every kind of file that is read. That ML.NET's own images have the same pixels is tested with ML.NET.</summary>
public sealed class ImageFormatTests
{
    private static readonly RgbImage Waves = ImageFiles.Waves(21, 13);

    [Fact]
    public void Gray_color_and_palette_pngs_of_any_depth_are_spread()
    {
        Check([128, 128, 128], ImageFiles.Png(3, 2, 16, 0, _ => [0x80, 0x12, 0x80, 0x12, 0x80, 0x12]));
        Check([255, 255, 255], ImageFiles.Png(3, 2, 1, 0, _ => [0xE0]));
        Check([10, 20, 30], ImageFiles.Png(1, 2, 16, 2, _ => [10, 0, 20, 0, 30, 0]));
        Check([4, 5, 6], ImageFiles.Png(3, 2, 2, 3, _ => [0b01010100], ("PLTE", [1, 2, 3, 4, 5, 6])));
    }

    [Fact]
    public void Transparency_lies_on_black()
    {
        Check([100, 100, 100], ImageFiles.Png(2, 2, 8, 4, _ => [200, 128, 200, 128]));
        Check([100, 50, 0], ImageFiles.Png(2, 2, 8, 6, _ => [200, 100, 0, 128, 200, 100, 0, 128]));
        Check([0, 0, 0], ImageFiles.Png(1, 1, 8, 6, _ => [200, 100, 50, 0]));
        Check([0, 0, 0], ImageFiles.Png(3, 2, 2, 3, _ => [0b01010100], ("PLTE", [1, 2, 3, 4, 5, 6]), ("tRNS", [255, 0])));
        Check([0, 0, 0], ImageFiles.Gif(2, 2, [3, 3, 3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]));
    }

    [Theory]
    [InlineData(0, 0, 0, 0, 255, 255, 255)]
    [InlineData(255, 0, 0, 0, 0, 255, 255)]
    [InlineData(0, 0, 0, 255, 0, 0, 0)]
    [InlineData(0, 100, 200, 50, 205, 125, 44)]
    public void Cmyk_as_adobe_stores_it_comes_out_right(byte cyan, byte magenta, byte yellow, byte black, byte red, byte green, byte blue)
        => Check([red, green, blue], ImageFiles.CmykJpeg(3, cyan, magenta, yellow, black), ImageFormat.Jpeg);

    [Fact]
    public void Bitmaps_gifs_icons_and_webps_are_read()
    {
        byte[] palette = [1, 2, 3, 40, 50, 60, 7, 8, 9, 0, 0, 0];
        Check([40, 50, 60], ImageFiles.Gif(9, 7, [.. Enumerable.Repeat((byte)1, 63)], palette), ImageFormat.Gif);
        var png = ImageFiles.Encode(Waves, SKEncodedImageFormat.Png);
        foreach (var (format, bytes) in new[]
        {
            (ImageFormat.Png, png), (ImageFormat.Bmp, ImageFiles.Bmp(Waves)), (ImageFormat.Bmp, ImageFiles.Bmp(Waves, fromTop: true)),
            (ImageFormat.Ico, ImageFiles.Ico(png, 21, 13)), (ImageFormat.Webp, ImageFiles.Encode(Waves, SKEncodedImageFormat.Webp, 100)),
        })
        {
            Assert.Equal(new ImageHeader(format, 21, 13), ImageHeader.Read(new MemoryStream(bytes), "x"));
            var differences = Waves.Pixels.Zip(RgbImage.Decode(bytes, "x").Pixels, (a, b) => Math.Abs(a - b)).ToArray();
            // WebP alone loses something.
            Assert.InRange(differences.Average(), 0, format == ImageFormat.Webp ? 4 : 0);
        }
    }

    [Fact]
    public void Webp_images_are_found_in_datasets()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "Data", "Cases", "09-webp");
        Assert.Equal((5, 8), Count(YoloReader.Read(Path.Combine(folder, "data.yaml"))));
        var only = YoloReader.Read(Path.Combine(folder, "only", "data.yaml"));
        Assert.Equal((2, 3), Count(only));
        Assert.All(only.Images, image => Assert.Equal(96 * 96 * 3, RgbImage.Load(image.Path!).Pixels.Length));

        static (int, int) Count(DetectionDataset data) => (data.Images.Count, data.ObjectCount);
    }

    [Fact]
    public void What_is_cut_short_is_refused_and_what_follows_the_end_ignored()
    {
        var files = new Dictionary<string, byte[]>
        {
            ["a.png"] = ImageFiles.Encode(Waves, SKEncodedImageFormat.Png),
            ["a.jpg"] = ImageFiles.Encode(Waves, SKEncodedImageFormat.Jpeg),
            ["a.webp"] = ImageFiles.Encode(Waves, SKEncodedImageFormat.Webp, 90),
            ["a.bmp"] = ImageFiles.Bmp(Waves),
            ["a.gif"] = ImageFiles.Gif(9, 7, [.. Enumerable.Range(0, 63).Select(i => (byte)(i % 3))], [1, 2, 3, 40, 50, 60, 7, 8, 9, 0, 0, 0]),
            ["a.ico"] = ImageFiles.Ico(ImageFiles.Encode(Waves, SKEncodedImageFormat.Png), 21, 13),
        };
        foreach (var (name, bytes) in files)
        {
            // The last byte of a GIF says only that no frame follows.
            for (var length = 0; length < bytes.Length - (name == "a.gif" ? 1 : 0); length++)
                Assert.StartsWith(name, Assert.Throws<InvalidDataException>(() => RgbImage.Decode(bytes[..length], name)).Message, StringComparison.Ordinal);
            Assert.Equal(RgbImage.Decode(bytes, name).Pixels, RgbImage.Decode([.. bytes, .. Enumerable.Repeat((byte)0xDA, 5000), 0xFF, 0xDA], name).Pixels);
        }
    }

    [Fact]
    public void The_largest_size_is_an_option()
    {
        var png = ImageFiles.Encode(Waves, SKEncodedImageFormat.Png);
        Assert.Equal(21, RgbImage.Decode(png, "a.png", new() { MaxPixels = 273 }).Width);
        var message = Assert.Throws<InvalidDataException>(() => RgbImage.Decode(png, "a.png", new() { MaxPixels = 272 })).Message;
        Assert.All(["a.png", "21 x 13", "272", "MaxPixels"], part => Assert.Contains(part, message, StringComparison.Ordinal));
        Assert.Throws<ArgumentException>(() => RgbImage.Decode(png, "a.png", new() { MaxPixels = 0 }));
        Assert.Throws<ArgumentException>(() => new ReadOptions { MaxPixels = 0 }.Validate());
    }

    [Theory]
    [InlineData(65_536, 65_536, "exceed the limit of 256,000,000")]
    [InlineData(16_000, 15_000, "too few")]
    public void A_giant_in_a_small_file_is_refused_before_memory_is_taken(int width, int height, string reason)
    {
        var png = ImageFiles.Png(width, height, 8, 2, _ => [0], ("tEXt", new byte[100]));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => RgbImage.Decode(png, "x")).Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    /// <summary>The file's first pixel, and that it is the color of all.</summary>
    private static void Check(byte[] color, byte[] bytes, ImageFormat? format = null)
    {
        var image = RgbImage.Decode(bytes, "x");
        if (format is not null)
            Assert.Equal(new ImageHeader(format.Value, image.Width, image.Height), ImageHeader.Read(new MemoryStream(bytes), "x"));
        Assert.Equal(Enumerable.Repeat(color, image.Width * image.Height).SelectMany(pixel => pixel), image.Pixels);
    }
}
