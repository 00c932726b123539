using Microsoft.ML;
using Microsoft.ML.Data;
using Pss.Engine.Data;
using Pss.Engine.Data.Images;
using Pss.Engine.Tests.Data.Images;
using SkiaSharp;

namespace Pss.MLNet.Tests;

/// <summary>ML.NET decodes images of its own: what is not turned comes out of it with the same pixels, transparency and all.</summary>
public sealed class DecoderTests : IDisposable
{
    private static readonly RgbImage Waves = ImageFiles.Waves(21, 13);
    private readonly MLContext _context = new(1);
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, byte[]> Files
    {
        get
        {
            byte[] palette = [1, 2, 3, 40, 50, 60, 200, 100, 9, 0, 0, 0];
            var png = ImageFiles.Encode(Waves, SKEncodedImageFormat.Png);
            return new()
            {
                { "jpeg", ImageFiles.Encode(Waves, SKEncodedImageFormat.Jpeg) },
                { "cmyk jpeg", ImageFiles.CmykJpeg(2, 0, 100, 200, 50) },
                { "webp", ImageFiles.Encode(Waves, SKEncodedImageFormat.Webp, 80) },
                { "bmp", ImageFiles.Bmp(Waves) },
                { "ico", ImageFiles.Ico(png, 21, 13) },
                { "gif", ImageFiles.Gif(3, 3, [0, 1, 2, 3, 3, 2, 1, 0, 0], palette) },
                { "png", png },
                { "gray", ImageFiles.Png(5, 2, 8, 0, y => [0, 10, 100, 200, (byte)y]) },
                { "gray of 16 bits", ImageFiles.Png(3, 2, 16, 0, _ => [0x80, 0x12, 0x12, 0xFE, 0xFF, 0x80]) },
                { "color of 16 bits", ImageFiles.Png(2, 2, 16, 2, _ => [10, 200, 20, 128, 30, 127, 1, 255, 2, 1, 3, 0]) },
                { "gray and alpha", ImageFiles.Png(3, 2, 8, 4, _ => [200, 128, 255, 1, 77, 0]) },
                { "gray and alpha of 16 bits", ImageFiles.Png(2, 2, 16, 4, _ => [200, 77, 128, 5, 90, 255, 33, 17]) },
                { "color and alpha", ImageFiles.Png(2, 2, 8, 6, _ => [200, 100, 50, 128, 9, 255, 3, 250]) },
                { "palette and transparency", ImageFiles.Png(4, 2, 2, 3, _ => [0b00011011], ("PLTE", palette), ("tRNS", [255, 128, 3, 0])) },
                { "one bit", ImageFiles.Png(8, 2, 1, 0, _ => [0b10110010]) },
                { "gamma", ImageFiles.Png(3, 2, 8, 0, _ => [10, 100, 200], ("gAMA", [0, 0, 0x3A, 0x98])) },
            };
        }
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Files))]
    public void Both_decoders_give_the_same_pixels(string kind, byte[] file)
    {
        Assert.NotEmpty(kind);
        using var image = MLImage.CreateFromStream(new MemoryStream(file));
        Assert.Equal(RgbImage.Decode(file, kind).Pixels, OnBlack(image));
    }

    [Fact]
    public void Transparent_pictures_are_scored_alike_whoever_loads_them()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "Cases", "02-transparent-png");
        var view = _context.Data.LoadFromCoco(Path.Combine(path, "annotations.json"));
        var loaded = _context.Transforms.LoadImages("Image", path, "ImagePath").Fit(view).Transform(view);
        var (own, theirs) = (Images(view), Images(loaded));
        Assert.Equal(6, own.Length);
        Assert.All(own.Zip(theirs), pair => Assert.Equal(pair.First, pair.Second));

        static byte[][] Images(IDataView rows) => [.. rows.GetColumn<MLImage>("Image").Select(OnBlack)];
    }

    [Fact]
    public void Images_of_a_view_are_upright()
    {
        File.WriteAllBytes(_folder["a.jpg"], ImageFiles.Turned(ImageFiles.Encode(Waves, SKEncodedImageFormat.Jpeg), 6));
        var expected = RgbImage.Load(_folder["a.jpg"]);
        DetectionDataset data = new() { Categories = [new(1, "a")], Images = [new() { Id = 1, FileName = "a.jpg", Width = 13, Height = 21, Path = _folder["a.jpg"] }] };
        var image = _context.Data.LoadFromDataset(data).GetColumn<MLImage>("Image").Single();
        Assert.Equal((13, 21), (image.Width, image.Height));
        Assert.Equal(expected.Pixels, OnBlack(image));
    }

    [Fact]
    public void The_limit_of_the_reader_holds_where_its_images_are_decoded()
    {
        Waves.SavePng(_folder["a.png"]);
        File.WriteAllText(_folder["a.json"],
            """{"images": [{"id": 1, "file_name": "a.png", "width": 21, "height": 13}], "annotations": [], "categories": [{"id": 1, "name": "a"}]}""");
        Assert.Contains("MaxPixels", Assert.Throws<DatasetException>(() => _context.Data.LoadFromCoco(_folder["a.json"], new() { MaxPixels = 200 })).Message, StringComparison.Ordinal);
        var view = _context.Data.LoadFromCoco(_folder["a.json"], new() { MaxPixels = 300 });
        new RgbImage(20, 20).SavePng(_folder["a.png"]);
        Assert.Contains("300", Assert.ThrowsAny<InvalidDataException>(() => view.GetColumn<MLImage>("Image").ToArray()).Message, StringComparison.Ordinal);
    }

    /// <summary>Colors that are multiplied by their alpha lie on black as they are.</summary>
    private static byte[] OnBlack(MLImage image)
    {
        var pixels = image.Pixels.ToArray();
        var (red, blue) = image.PixelFormat == MLPixelFormat.Bgra32 ? (2, 0) : (0, 2);
        return [.. pixels.Chunk(4).SelectMany(pixel => new[] { pixel[red], pixel[1], pixel[blue] })];
    }
}
