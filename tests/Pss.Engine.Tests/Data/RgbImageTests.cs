using Pss.Engine.Data;
using Xunit;

namespace Pss.Engine.Tests.Data;

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

    [Fact]
    public void Streams_of_random_numbers_never_change()
    {
        // First numbers of xoshiro256** seeded with SplitMix64(0), by the public reference definition.
        var random = new SeededRandom(0);
        Assert.Equal([0x99EC5F36CB75F2B4, 0xBF6E1F784956452A, 0x1A5F849D4933E6E0], new[] { random.NextUInt64(), random.NextUInt64(), random.NextUInt64() });
        Assert.NotEqual(SeededRandom.For(1, 2, 3).NextUInt64(), SeededRandom.For(1, 3, 2).NextUInt64());
    }
}
