using Microsoft.ML.Data;

namespace StandIns.Tests.Images;

public sealed class MLImageTests : IDisposable
{
    private static readonly int[] s_six = [0xFF0000, 0x00FF00, 0x0000FF, 0x0A141E, 0xFFFFFF, 0x000000];
    private readonly ImageFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Qk1OAAAAAAAAADYAAAAoAAAAAwAAAAIAAAABABgAAAAAABgAAADEDgAAxA4AAAAAAAAAAAAAHhQK////AAAAAAAAAAD/AP8A/wAAAAAA")]
    [InlineData("R0lGODdhAwACAIIAAP///wD/AAoUHv8AAAAA/wAAAAAAAAAAACwAAAAAAwACAAAICQAHBCAgAECBgAA7")]
    [InlineData("SUkqAAgAAAAKAAABBAABAAAAAwAAAAEBBAABAAAAAgAAAAIBAwADAAAAhgAAAAMBAwABAAAAAQAAAAYBAwABAAAAAgAAABEBBAABAAAAjAAAABUBAwABAAAAAwAAABYBBAABAAAAAgAAABcBBAABAAAAEgAAABwBAwABAAAAAQAAAAAAAAAIAAgACAD/AAAA/wAAAP8KFB7///8AAAA=")]
    [InlineData("iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAGElEQVR4nGP4z8DAAMFcInL///9nYGAAAD2kBje+XFOFAAAAAElFTkSuQmCC")]
    public void Decodes_bmp_gif_tiff_and_png(string base64)
    {
        using var image = MLImage.CreateFromStream(new MemoryStream(Convert.FromBase64String(base64)));
        using var expected = ImageFolder.Image(3, 2, s_six);
        Assert.Equal((3, 2, 32, MLPixelFormat.Bgra32), (image.Width, image.Height, image.BitsPerPixel, image.PixelFormat));
        Assert.Equal(expected.Pixels.ToArray(), image.Pixels.ToArray());
    }

    [Fact]
    public void Grey_becomes_colour_and_alpha_multiplies_the_colours()
    {
        using var grey = MLImage.CreateFromStream(new MemoryStream(Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAAAAADRSSBWAAAAC0lEQVR4nGNgPwEAANkA0NemIjwAAAAASUVORK5CYII=")));
        using var half = MLImage.CreateFromStream(new MemoryStream(Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGM4kWLUAAAFNQHfc2Lj2wAAAABJRU5ErkJggg==")));
        Assert.Equal(new byte[] { 7, 7, 7, 255, 200, 200, 200, 255 }, grey.Pixels.ToArray());
        Assert.Equal(new byte[] { 25, 50, 100, 128 }, half.Pixels.ToArray());
        Assert.Equal(new byte[] { 50, 100, 199 }, half.GetBGRPixels);
    }

    [Fact]
    public void Png_keeps_every_pixel_and_jpeg_nearly()
    {
        using var png = MLImage.CreateFromFile(_folder.Add("a.png", 3, 2, s_six));
        using var jpeg = MLImage.CreateFromFile(_folder.Add("a.jpg", 16, 8, 0x3264C8));
        Assert.Equal(ImageFolder.Image(3, 2, s_six).Pixels.ToArray(), png.Pixels.ToArray());
        Assert.Equal((16, 8), (jpeg.Width, jpeg.Height));
        Assert.All(jpeg.GetBGRPixels.Chunk(3), pixel => Assert.True(Math.Abs(pixel[0] - 0xC8) + Math.Abs(pixel[1] - 0x64) + Math.Abs(pixel[2] - 0x32) <= 6));
    }

    [Fact]
    public void Rgba_pixels_stay_as_they_are_and_are_read_as_blue_green_red()
    {
        using var image = MLImage.CreateFromPixels(1, 1, MLPixelFormat.Rgba32, [1, 2, 3, 255]);
        Assert.Equal(MLPixelFormat.Rgba32, image.PixelFormat);
        Assert.Equal(new byte[] { 1, 2, 3, 255 }, image.Pixels.ToArray());
        Assert.Equal(new byte[] { 3, 2, 1 }, image.GetBGRPixels);
        image.Save(_folder.In("rgba.png"));
        using var read = MLImage.CreateFromFile(_folder.In("rgba.png"));
        Assert.Equal(new byte[] { 3, 2, 1, 255 }, read.Pixels.ToArray());
    }

    [Fact]
    public void What_is_no_picture_is_an_argument_error()
    {
        File.WriteAllText(_folder.In("text.png"), "no picture");
        Assert.Contains("text.png", Assert.Throws<ArgumentException>(() => MLImage.CreateFromFile(_folder.In("text.png"))).Message);
        Assert.Contains("missing.png", Assert.Throws<ArgumentException>(() => MLImage.CreateFromFile(_folder.In("missing.png"))).Message);
        Assert.Throws<ArgumentException>(() => MLImage.CreateFromStream(new MemoryStream([1, 2, 3])));
        Assert.Throws<ArgumentException>(() => MLImage.CreateFromStream(new MemoryStream()));
        Assert.Throws<ArgumentNullException>(() => MLImage.CreateFromFile(null));
        Assert.Throws<ArgumentNullException>(() => MLImage.CreateFromStream(null));
        Assert.Throws<ArgumentException>(() => MLImage.CreateFromPixels(1, 1, MLPixelFormat.Unknown, new byte[4]));
        Assert.Throws<ArgumentException>(() => MLImage.CreateFromPixels(0, 1, MLPixelFormat.Bgra32, []));
        Assert.Throws<ArgumentException>(() => MLImage.CreateFromPixels(1, 0, MLPixelFormat.Bgra32, []));
        Assert.Throws<ArgumentException>(() => MLImage.CreateFromPixels(1, 1, MLPixelFormat.Bgra32, new byte[5]));
        using var image = ImageFolder.Image(1, 1, 0);
        Assert.Throws<ArgumentException>(() => image.Save(_folder.In("a.bmp")));
        Assert.Throws<DirectoryNotFoundException>(() => image.Save(_folder.In("no/a.png")));
    }

    [Theory]
    [InlineData("long.png", 0)]
    [InlineData("long.jpg", 128)]
    public void A_file_cut_short_gives_the_rows_that_it_has(string name, int missing)
    {
        var noise = new Random(1);
        var bytes = File.ReadAllBytes(_folder.Add(name, 64, 256, [.. Enumerable.Range(0, 64 * 256).Select(_ => noise.Next(0x404040, 0xFFFFFF))]));
        using var whole = MLImage.CreateFromStream(new MemoryStream(bytes));
        using var half = MLImage.CreateFromStream(new MemoryStream(bytes, 0, bytes.Length / 2));
        Assert.Equal((64, 256), (half.Width, half.Height));
        Assert.Equal(whole.Pixels[..(64 * 4)].ToArray(), half.Pixels[..(64 * 4)].ToArray());
        Assert.Equal([.. Enumerable.Repeat((byte)missing, 64 * 3)], half.GetBGRPixels[^(64 * 3)..]);
    }

    [Fact]
    public void A_disposed_image_says_so()
    {
        var image = ImageFolder.Image(1, 1, 0);
        image.Tag = "tag";
        image.Dispose();
        image.Dispose();
        Action[] uses = [() => _ = image.Width, () => _ = image.Height, () => _ = image.BitsPerPixel, () => _ = image.PixelFormat, () => _ = image.Pixels,
            () => _ = image.GetBGRPixels, () => _ = image.Tag, () => image.Tag = "", () => image.Save("a.png")];
        Assert.All(uses, use => Assert.Throws<InvalidOperationException>(use));
    }

    [Fact]
    public void Ten_threads_decode_at_once()
    {
        var path = _folder.Add("shared.jpg", 97, 61, [.. Enumerable.Range(0, 97 * 61).Select(i => i * 1234567 & 0xFFFFFF)]);
        using var expected = MLImage.CreateFromFile(path);
        var pixels = expected.Pixels.ToArray();
        Parallel.For(0, 40, new ParallelOptions { MaxDegreeOfParallelism = 10 }, _ =>
        {
            using var image = MLImage.CreateFromFile(path);
            Assert.Equal(pixels, image.Pixels.ToArray());
        });
    }
}
