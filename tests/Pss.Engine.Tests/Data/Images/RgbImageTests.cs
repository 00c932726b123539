using Pss.Engine.Data.Images;

namespace Pss.Engine.Tests.Data.Images;

public sealed class RgbImageTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 5)]
    [InlineData(64, 33)]
    public void A_png_comes_back_as_it_was_written(int width, int height)
    {
        var random = new SeededRandom(width);
        var image = new RgbImage(width, height);
        for (var i = 0; i < image.Pixels.Length; i++)
            image.Pixels[i] = (byte)random.Next(256);
        using var stream = new MemoryStream();
        image.SavePng(stream);
        var bytes = stream.ToArray();

        var back = RgbImage.Decode(bytes, "image");

        Assert.Equal((width, height), (back.Width, back.Height));
        Assert.Equal(image.Pixels, back.Pixels);
        Assert.Equal(new ImageHeader(ImageFormat.Png, width, height), ImageHeader.Read(new MemoryStream(bytes), "image"));
    }

    // 24 x 17 pixels of (10 x, 15 y, 5 (x + y)), one baseline and one progressive.
    [Theory]
    [InlineData(ImageFiles.BaselineJpeg)]
    [InlineData(ImageFiles.ProgressiveJpeg)]
    public void A_jpeg_is_decoded_and_a_shortened_one_refused(string base64)
    {
        var bytes = Convert.FromBase64String(base64);
        Assert.Equal(new ImageHeader(ImageFormat.Jpeg, 24, 17), ImageHeader.Read(new MemoryStream(bytes), "x"));
        var image = RgbImage.Decode(bytes, "x");
        int[] expected = [120, 120, 100];
        Assert.All(expected.Zip(image.Pixels.AsSpan(3 * (8 * 24 + 12), 3).ToArray()), pair => Assert.InRange(pair.Second - pair.First, -12, 12));
        for (var length = 0; length < bytes.Length - 1; length += 7)
            Assert.StartsWith("name.jpg", Assert.Throws<InvalidDataException>(() => RgbImage.Decode(bytes[..length], "name.jpg")).Message);
    }

    [Fact]
    public void What_is_no_image_is_refused()
        => Assert.Contains("name.txt", Assert.Throws<InvalidDataException>(() => ImageHeader.Read(new MemoryStream("no image"u8.ToArray()), "name.txt")).Message);

    [Fact]
    public void Streams_of_random_numbers_never_change()
    {
        // First numbers of xoshiro256** seeded with SplitMix64(0), by the public reference definition.
        var random = new SeededRandom(0);
        Assert.Equal([0x99EC5F36CB75F2B4, 0xBF6E1F784956452A, 0x1A5F849D4933E6E0], new[] { random.NextUInt64(), random.NextUInt64(), random.NextUInt64() });
        Assert.NotEqual(SeededRandom.For(1, 2, 3).NextUInt64(), SeededRandom.For(1, 3, 2).NextUInt64());
    }
}
