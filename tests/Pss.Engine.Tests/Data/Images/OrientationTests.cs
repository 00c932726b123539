using Pss.Engine.Data;
using Pss.Engine.Data.Formats;
using Pss.Engine.Data.Images;
using SkiaSharp;

namespace Pss.Engine.Tests.Data.Images;

public sealed class OrientationTests : IDisposable
{
    private const int Width = 45;
    private const int Height = 26;
    private static readonly string Cases = Path.Combine(AppContext.BaseDirectory, "Data", "Cases", "01-exif");
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<int> Orientations => [.. Enumerable.Range(1, 8)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Orientations))]
    public void A_jpeg_comes_upright(int orientation)
    {
        var jpeg = ImageFiles.Encode(ImageFiles.Waves(Width, Height), SKEncodedImageFormat.Jpeg);
        CheckUpright(RgbImage.Decode(jpeg, "stored"), ImageFiles.Turned(jpeg, orientation), orientation);
    }

    [Theory]
    [MemberData(nameof(Orientations))]
    public void A_webp_comes_upright(int orientation)
    {
        var webp = ImageFiles.Encode(ImageFiles.Waves(Width, Height), SKEncodedImageFormat.Webp, 80);
        CheckUpright(RgbImage.Decode(webp, "stored"), ImageFiles.TurnedWebp(webp, orientation, Width, Height), orientation);
    }

    // Documented: what the decoder does not know of.
    [Fact]
    public void A_png_comes_as_stored()
    {
        var image = ImageFiles.Waves(Width, Height);
        var turned = RgbImage.Decode(ImageFiles.TurnedPng(ImageFiles.Encode(image, SKEncodedImageFormat.Png), 6), "turned");
        Assert.Equal(image.Pixels, turned.Pixels);
    }

    [Theory]
    [MemberData(nameof(Orientations))]
    public void A_reduced_jpeg_lies_where_the_whole_one_does(int orientation)
    {
        // No side is a multiple of 8: the last pixels of the reduced picture are filled in part, and come first when turned.
        var jpeg = ImageFiles.Turned(ImageFiles.Encode(ImageFiles.Waves(331, 203), SKEncodedImageFormat.Jpeg), orientation);
        var resize = Resize.Letterbox(110, 110);
        var (whole, reduced) = (RgbImage.Decode(jpeg, "whole"), RgbImage.Decode(jpeg, "reduced", ImageDecoding.For(resize)));
        Assert.Equal((whole.Width, whole.Height), (reduced.FullWidth, reduced.FullHeight));
        Assert.Equal((orientation >= 5 ? 77 : 125, orientation >= 5 ? 125 : 77), (reduced.Width, reduced.Height));

        var geometry = resize.For(whole.Width, whole.Height);
        var differences = geometry.Apply(whole).Pixels.Zip(geometry.Apply(reduced).Pixels, (a, b) => Math.Abs(a - b)).ToArray();

        // Shifted by a tenth of a pixel of the result, the waves would differ by two.
        Assert.InRange(differences.Average(), 0, 1.0);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(6)]
    public void Boxes_lie_on_their_objects_in_the_upright_picture(int orientation)
    {
        foreach (var file in new[] { "data.yaml", "annotations.json" })
        {
            var image = Assert.Single(DetectionDataset.Load(Path.Combine(Cases, $"o{orientation}", file), new()
            {
                ImageFolder = file == "data.yaml" ? null : Path.Combine(Cases, $"o{orientation}", "images", "train"),
            }).Images);
            var pixels = RgbImage.Load(image.Path!);
            Assert.Equal((96, 128, 96, 128), (image.Width, image.Height, pixels.Width, pixels.Height));
            var box = Assert.Single(image.Objects).Box;
            var inside = Enumerable.Range((int)box.Y + 2, 26).SelectMany(y => Enumerable.Range((int)box.X + 2, 26).Select(x => (double)pixels.Pixels[3 * (y * 96 + x)]));
            Assert.InRange(inside.Average(), 240, 255);
        }
    }

    [Fact]
    public void A_size_of_the_stored_pixels_is_refused_with_the_reason()
    {
        File.WriteAllBytes(_folder["a.jpg"], ImageFiles.Turned(ImageFiles.Encode(new(40, 30), SKEncodedImageFormat.Jpeg), 8));
        Write(40, 30);
        var message = Assert.Throws<DatasetException>(() => CocoReader.Read(_folder["set.json"])).Message;
        Assert.Contains("40 x 30, but", message, StringComparison.Ordinal);
        Assert.Contains("30 x 40 upright: its EXIF orientation 8", message, StringComparison.Ordinal);
        Write(40, 31);
        Assert.DoesNotContain("EXIF", Assert.Throws<DatasetException>(() => CocoReader.Read(_folder["set.json"])).Message, StringComparison.Ordinal);
        Write(30, 40);
        Assert.Single(CocoReader.Read(_folder["set.json"]).Images);

        void Write(int width, int height) => File.WriteAllText(_folder["set.json"],
            $$"""{"images": [{"id": 1, "file_name": "a.jpg", "width": {{width}}, "height": {{height}}}], "annotations": [], "categories": [{"id": 1, "name": "a"}]}""");
    }

    private static void CheckUpright(RgbImage stored, byte[] turned, int orientation)
    {
        var (width, height) = orientation >= 5 ? (Height, Width) : (Width, Height);
        var header = ImageHeader.Read(new MemoryStream(turned), "turned");
        Assert.Equal((width, height, orientation), (header.Width, header.Height, header.Orientation));
        Assert.Equal((Width, Height), (header.StoredWidth, header.StoredHeight));
        var upright = RgbImage.Decode(turned, "turned");
        Assert.Equal((width, height), (upright.Width, upright.Height));
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var (fromX, fromY) = orientation switch
                {
                    1 => (x, y),
                    2 => (Width - 1 - x, y),
                    3 => (Width - 1 - x, Height - 1 - y),
                    4 => (x, Height - 1 - y),
                    5 => (y, x),
                    6 => (y, Height - 1 - x),
                    7 => (Width - 1 - y, Height - 1 - x),
                    _ => (Width - 1 - y, x),
                };
                Assert.Equal(stored.Pixels.AsSpan(3 * (fromY * Width + fromX), 3), upright.Pixels.AsSpan(3 * (y * width + x), 3));
            }
        }
    }
}
