using Pss.Engine.Data;
using Pss.Engine.Data.Images;

namespace Pss.Engine.Tests.Data.Images;

public sealed class ResizeTests
{
    // Planes by torch.nn.functional.interpolate(mode="bilinear", align_corners=False), rounded, of 5 x 4 pixels with value (37 i + 11) mod 256 at byte i.
    [Theory]
    [InlineData(7, 3, "125295C57C8FCE4C8B912A79918785C4CA63B2944137777D1564A1C971B0B64F9E7F2DAA6F5788D7B9665C9CA23A896B18968C8074C3A452CF7C5EAD64648B")]
    [InlineData(11, 6, "0B1F5284B7E9A76580B3C72135678E867F776F96C8DD3D51849F5D1B4E80A3C2CE5A6EA0BC7A386A9D825340778BBDD8965587B98F4D338CA0D3EEAC6A9CCFA4624830447792500E4073A5D8EC465A8CA7652456888C85826276A9C4824073A57A391E7F93C5E19F5D8FC297553B9C989189817AACDEB47258B197552A5D8FC1F4C9876D55699CB7753365986D2B116B7FB1CC8A497BAD8341278794B3C2946598CA9F5E43A49163446382B4E7BC7A60C1A6643A6C9F978F87807DD6BC7A4F82B472304B7E92")]
    [InlineData(2, 2, "7489CA9F998E8FC4BE935489")]
    public void Pixels_equal_those_of_torch(int width, int height, string planes)
    {
        var image = new RgbImage(5, 4, [.. Enumerable.Range(0, 60).Select(i => (byte)(i * 37 + 11))]);
        var result = new byte[3 * width * height];
        new ResizeGeometry(5, 4, width, height, width, height).WritePlanes(image, result);
        // Values halfway between two bytes may go either way.
        Assert.All(Convert.FromHexString(planes).Zip(result), pair => Assert.InRange(pair.Second - pair.First, -1, 1));
        Assert.InRange(Convert.FromHexString(planes).Zip(result).Count(pair => pair.First != pair.Second), 0, result.Length / 20);
    }

    [Theory]
    [InlineData(64, 48, 37, 91)]
    [InlineData(31, 77, 100, 100)]
    [InlineData(200, 3, 1, 1)]
    [InlineData(1, 1, 5, 4)]
    [InlineData(640, 2, 11, 2)]
    public void Pixels_equal_the_formula(int fromWidth, int fromHeight, int width, int height)
    {
        var image = Noise(fromWidth, fromHeight);
        var result = new ResizeGeometry(fromWidth, fromHeight, width, height, width, height).Apply(image);
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
                for (var c = 0; c < 3; c++)
                    Assert.Equal(Bilinear(image, x, y, c, width, height), result.Pixels[3 * (y * width + x) + c], 0.5 + 1e-2);
    }

    [Theory]
    [InlineData(640, 480, 1067, 800)]
    [InlineData(640, 427, 1199, 800)]
    [InlineData(2000, 500, 1333, 333)]
    [InlineData(480, 640, 800, 1067)]
    public void The_shortest_edge_follows_the_papers_examples(int width, int height, int newWidth, int newHeight)
    {
        var geometry = Resize.ShortestEdge(800, 1333).For(width, height);
        Assert.Equal((newWidth, newHeight, newWidth, newHeight), (geometry.Width, geometry.Height, geometry.OutWidth, geometry.OutHeight));
    }

    [Fact]
    public void A_letterbox_keeps_the_aspect_and_pads_right_and_bottom_with_zeros()
    {
        var geometry = Resize.Letterbox(50, 50).For(40, 20);
        Assert.Equal(new ResizeGeometry(40, 20, 50, 25, 50, 50), geometry);
        var image = new RgbImage(40, 20);
        Array.Fill<byte>(image.Pixels, 200);
        var planes = Enumerable.Repeat((byte)9, 3 * 50 * 50).ToArray();
        geometry.WritePlanes(image, planes);
        var padded = geometry.Apply(image);
        for (var i = 0; i < planes.Length; i++)
            Assert.Equal(i % 2500 / 50 < 25 ? 200 : 0, planes[i]);
        Assert.Equal(200, padded.Pixels[24 * 150]);
        Assert.Equal(0, padded.Pixels[25 * 150]);
    }

    [Fact]
    public void An_input_is_padded_to_multiples_of_32()
    {
        var rule = Resize.ShortestEdge(20, 40);
        var image = new RgbImage(60, 50);
        Array.Fill(image.Pixels, (byte)200);
        Assert.Equal((24, 20), rule.ScaledSize(60, 50));
        Assert.Equal((32, 32), rule.InputSize(60, 50));
        Assert.Equal((64, 96), Resize.Letterbox(40, 90).InputSize(60, 50));
        var planes = new byte[3 * 32 * 32];
        rule.WriteInput(image, planes);
        for (var i = 0; i < planes.Length; i++)
            Assert.Equal(i % 32 < 24 && i / 32 % 32 < 20 ? 200 : 0, planes[i]);
        Assert.Throws<ArgumentException>(() => rule.WriteInput(image, new byte[3]));
    }

    [Fact]
    public void Sizes_that_make_no_sense_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Resize.ShortestEdge(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Resize.ShortestEdge(800, 700));
        Assert.Throws<ArgumentOutOfRangeException>(() => Resize.Letterbox(10, 0));
        Assert.Throws<ArgumentException>(() => Resize.Letterbox(8, 8).For(9, 9).Apply(new RgbImage(9, 8)));
        Assert.Equal([480, 512, 544], Resize.ShortestEdges(480, 560, 32).Select(resize => ((ShortestEdgeResize)resize).Shortest));
    }

    private static double Bilinear(RgbImage image, int x, int y, int channel, int width, int height)
    {
        var (atX, atY) = (Math.Max(0, (x + 0.5) * image.Width / width - 0.5), Math.Max(0, (y + 0.5) * image.Height / height - 0.5));
        var (left, top) = ((int)atX, (int)atY);
        return (1 - atY + top) * Row(top) + (atY - top) * Row(Math.Min(top + 1, image.Height - 1));

        double Row(int row) => (1 - atX + left) * At(left, row) + (atX - left) * At(Math.Min(left + 1, image.Width - 1), row);
        double At(int column, int row) => image.Pixels[3 * (row * image.Width + column) + channel];
    }

    private static RgbImage Noise(int width, int height)
    {
        var random = new SeededRandom(width);
        var image = new RgbImage(width, height);
        for (var i = 0; i < image.Pixels.Length; i++)
            image.Pixels[i] = (byte)random.Next(256);
        return image;
    }
}
