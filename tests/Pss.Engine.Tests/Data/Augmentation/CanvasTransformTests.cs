using System.Security.Cryptography;
using Pss.Engine.Data;
using Pss.Engine.Data.Augmentation;
using Pss.Engine.Data.Images;
using Pss.Engine.Data.Scenes;

namespace Pss.Engine.Tests.Data.Augmentation;

/// <summary>Scale jitter, zoom-out, affine, mosaic and mixup: what the pixels show is found again by its color, and compared with boxes and masks.</summary>
public sealed class CanvasTransformTests
{
    private const int Width = 120;
    private const int Height = 90;
    private const byte Fill = AugmentationOptions.Fill;
    private static readonly Resize Size = Resize.ShortestEdge(Height, 1000);
    private static readonly byte[][] Colors = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 0], [0, 255, 255]];

    public static IEnumerable<object[]> All => Options.Keys.Select(name => new object[] { name });

    private static Dictionary<string, AugmentationOptions> Options { get; } = new()
    {
        ["scale jitter"] = Alone with { ScaleJitter = 1 },
        ["zoom out"] = Alone with { ZoomOut = 1 },
        ["both"] = Alone with { ScaleJitter = 1, ZoomOut = 1 },
        ["affine"] = Alone with { Affine = 1, AffineRotation = 180, AffineShear = 20 },
        ["mosaic"] = Alone with { Mosaic = 1 },
        ["mixup"] = Alone with { Mixup = 1 },
        ["mosaic, affine and mixup"] = Alone with { Mosaic = 1, Affine = 1, Mixup = 1, Crop = 0.5, VerticalFlip = 0.5, Brightness = 0.2 },
    };

    private static AugmentationOptions Alone => new() { Sizes = [Size, Resize.Letterbox(100, 100)], CropVisible = 0 };

    [Theory]
    [MemberData(nameof(All))]
    public void Boxes_are_inside_and_labels_keep_their_masks(string name)
    {
        var transform = new SampleTransform(Options[name] with { CropVisible = 0.3 });
        for (var seed = 0; seed < 60; seed++)
        {
            var result = Apply(transform, seed, runs: seed % 2 == 0);
            result.Validate();
            for (var i = 0; i < result.Labels.Length; i++)
            {
                var (x1, y1, x2, y2) = (result.Boxes[4 * i], result.Boxes[4 * i + 1], result.Boxes[4 * i + 2], result.Boxes[4 * i + 3]);
                Assert.True(x1 >= 0 && y1 >= 0 && x2 <= result.Image.Width && y2 <= result.Image.Height && x2 - x1 >= 1 && y2 - y1 >= 1);
            }
        }
    }

    [Theory]
    [InlineData("scale jitter")]
    [InlineData("zoom out")]
    [InlineData("both")]
    [InlineData("affine")]
    [InlineData("mosaic")]
    public void Boxes_and_masks_are_where_the_pixels_are(string name)
    {
        var transform = new SampleTransform(Options[name] with { ScaleJitterMinimum = 0.4, ZoomOutMaximum = 2 });
        var checkedObjects = 0;
        for (var seed = 0; seed < 40; seed++)
            foreach (var runs in (bool[])[false, true])
            {
                var result = Apply(transform, seed, runs);
                for (var i = 0; i < result.Labels.Length; i++)
                {
                    var shown = Shown(result.Image, result.Labels[i]);
                    if (shown.Count(pixel => pixel) < 60)
                        continue;
                    checkedObjects++;
                    var (height, width) = (result.Image.Height, result.Image.Width);
                    var mask = result.Masks![i]!.ToRuns(height, width);
                    var pixels = RunLengthMask.FromBitmap(shown, height, width);
                    Assert.InRange(RunLengthMask.IoU(mask, pixels, false), 0.8, 1);
                    var (found, box) = (RunLengthMask.Bounds(pixels), result.Boxes.AsSpan(4 * i, 4).ToArray());
                    // A triangle that the edge of the canvas cuts does not reach all sides of its box; the tips of others are thinner than a pixel.
                    var cut = box[0] == 0 || box[1] == 0 || box[2] == width || box[3] == height;
                    double[] inward = [found.X - box[0], found.Y - box[1], box[2] - found.X2, box[3] - found.Y2];
                    Assert.All(inward, distance => Assert.InRange(distance, -1.5, cut ? width : 5));
                }
            }
        Assert.InRange(checkedObjects, 40, 1000);
    }

    [Fact]
    public void Without_a_mask_the_box_is_that_of_the_turned_corners()
    {
        var map = AffineTransform.About(60, 45, 45, 0, 0, 1, 0, 0);
        var sample = new TrainingSample(new(Width, Height), [50, 35, 70, 55], [0]);
        var half = 10 * Math.Sqrt(2);
        double[] expected = [60 - half, 45 - half, 60 + half, 45 + half];
        Assert.All(expected.Zip(AffineObjects.Map(sample, map, Width, Height).Boxes), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        // A disc keeps its box when turned.
        var disc = Enumerable.Range(0, 360).SelectMany(i => new[] { 60 + 10 * Math.Cos(Math.PI * i / 180), 45 + 10 * Math.Sin(Math.PI * i / 180) }).ToArray();
        var masked = AffineObjects.Map(sample with { Masks = [new PolygonSegmentation([disc])] }, map, Width, Height);
        Assert.All(sample.Boxes.Zip(masked.Boxes), pair => Assert.Equal(pair.First, pair.Second, 1e-2));
    }

    [Fact]
    public void An_affine_map_and_its_inverse_are_the_identity()
    {
        var random = new SeededRandom(1);
        for (var i = 0; i < 100; i++)
        {
            var map = AffineTransform.About(
                random.NextDouble(0, 50), 7, random.NextDouble(-180, 180), random.NextDouble(-40, 40), random.NextDouble(-40, 40), random.NextDouble(0.1, 3), 5, -3);
            var (x, y) = (random.NextDouble(-50, 50), random.NextDouble(-50, 50));
            var (toX, toY) = map.Map(x, y);
            var (backX, backY) = map.Inverse().Map(toX, toY);
            Assert.Equal(x, backX, 1e-6);
            Assert.Equal(y, backY, 1e-6);
        }
    }

    [Fact]
    public void Drawing_is_bilinear_about_pixel_centers()
    {
        var random = new SeededRandom(4);
        var image = new RgbImage(23, 17);
        for (var i = 0; i < image.Pixels.Length; i++)
            image.Pixels[i] = (byte)random.Next(256);
        foreach (var mix in (bool[])[false, true])
            for (var turn = -170; turn < 180; turn += 33)
            {
                var canvas = new RgbImage(31, 29);
                canvas.Pixels.AsSpan().Fill(Fill);
                var map = AffineTransform.About(11, 8, turn, 5, -8, 1.1, 4, 6);
                AffinePainter.Draw(image, map, canvas, mix);
                for (var y = 0; y < canvas.Height; y++)
                    for (var x = 0; x < canvas.Width; x++)
                        for (var c = 0; c < 3; c++)
                        {
                            var (atX, atY) = map.Inverse().Map(x + 0.5, y + 0.5);
                            var inside = atX >= 0 && atX < image.Width && atY >= 0 && atY < image.Height;
                            var value = !inside ? Fill : mix ? (Bilinear(image, atX - 0.5, atY - 0.5, c) + Fill) / 2 : Bilinear(image, atX - 0.5, atY - 0.5, c);
                            Assert.InRange(canvas.Pixels[3 * (y * canvas.Width + x) + c], value - 1.01, value + 1.01);
                        }
            }
    }

    [Fact]
    public void Drawing_without_a_turn_is_the_resize_of_the_other_images()
    {
        var image = new SceneGenerator(new() { Width = 75, Height = 61, MaxSize = 50 }).Draw(3);
        var geometry = Resize.ShortestEdge(83, 1000).For(75, 61);
        var (canvas, expected) = (new RgbImage(geometry.OutWidth, geometry.OutHeight), geometry.Apply(image));
        AffinePainter.Draw(image, AffineTransform.ScaleAndMove(geometry.ScaleX, geometry.ScaleY, 0, 0), canvas);
        Assert.All(canvas.Pixels.Zip(expected.Pixels), pair => Assert.InRange(pair.First - pair.Second, -1, 1));
    }

    [Fact]
    public void A_mosaic_shows_four_images_that_do_not_cover_each_other()
    {
        var transform = new SampleTransform(Alone with { Sizes = [Size], Mosaic = 1, MosaicMinimum = 0.3, MosaicMaximum = 0.3 });
        // At 0.3 of the size all four images are whole, and each has a color of its own.
        var result = Apply(transform, 2, runs: false, whole: true);
        Assert.Equal(4, result.Labels.Length);
        for (var i = 0; i < 4; i++)
        {
            var pixels = Shown(result.Image, result.Labels[i]).Count(pixel => pixel);
            Assert.InRange(pixels / (0.09 * Width * Height), 0.9, 1.1);
            Assert.InRange((result.Boxes[4 * i + 2] - result.Boxes[4 * i]) * (result.Boxes[4 * i + 3] - result.Boxes[4 * i + 1]) / (0.09 * Width * Height), 0.99, 1.01);
        }
    }

    [Fact]
    public void What_leaves_its_image_does_not_reach_into_the_next()
    {
        var outside = new PolygonSegmentation([[-50, -50, Width + 50, -50, Width + 50, Height + 50, -50, Height + 50]]);
        var sample = new TrainingSample(new(Width, Height), [-50, -50, Width + 50, Height + 50], [0]) { Masks = [outside] };
        var transform = new SampleTransform(Alone with { Sizes = [Size], ZoomOut = 1, HorizontalFlip = 0 });
        var result = transform.Apply(sample, new(5));
        var mask = result.Masks![0]!.ToRuns(result.Image.Height, result.Image.Width);
        var black = Enumerable.Range(0, Width * Height).Count(i => result.Image.Pixels[3 * i] == 0);
        Assert.InRange(black, 0, Width * Height - 1);
        Assert.Equal(black, RunLengthMask.Area(mask));
    }

    [Fact]
    public void Images_of_which_nothing_was_drawn_are_what_they_were()
    {
        var some = new SampleTransform(Alone with { ScaleJitter = 0.3, Mosaic = 0.2, Affine = 0.1, Mixup = 0.1, Brightness = 0.3, Crop = 0.5 });
        var plain = new SampleTransform(Alone with { Brightness = 0.3, Crop = 0.5 });
        var same = Enumerable.Range(0, 100).Count(seed => Digest(Apply(some, seed, false)) == Digest(Apply(plain, seed, false)));
        Assert.InRange(same, 20, 70);
    }

    [Fact]
    public void The_result_follows_from_the_stream_alone()
    {
        foreach (var options in Options.Values)
        {
            var transform = new SampleTransform(options);
            var expected = Enumerable.Range(0, 12).Select(seed => Digest(Apply(transform, seed, true))).ToArray();
            var again = new string[12];
            Parallel.For(0, 12, seed => again[seed] = Digest(Apply(transform, seed, true)));
            Assert.Equal(expected, again);
            Assert.Equal(12, expected.Distinct().Count());
        }
    }

    [Fact]
    public void Decoding_keeps_the_pixels_that_an_enlargement_shows()
    {
        Assert.Equal(1, Alone.Decoding.Enlargement);
        Assert.Equal(2, (Alone with { ScaleJitter = 1 }).Decoding.Enlargement);
        Assert.Equal(1, (Alone with { ZoomOut = 1 }).Decoding.Enlargement);
        Assert.Equal(3, (Alone with { Mosaic = 1, MosaicMaximum = 2, Affine = 0.1 }).Decoding.Enlargement);
        Assert.Equal(3, (Alone with { Mixup = 1, Crop = 0.5 }).Decoding.Enlargement);
    }

    [Fact]
    public void The_first_epochs_are_at_half_size_and_the_last_ones_calmer()
    {
        var options = new AugmentationOptions { Sizes = [Resize.ShortestEdge(64, 128)], HalfSizeShare = 0.6, HorizontalFlip = 0, Mosaic = 1, CloseEpochs = 2 };
        var transform = new SampleTransform(options);
        var sample = new TrainingSample(new RgbImage(200, 100), [20, 20, 180, 80], [0]);
        var drawn = Enumerable.Range(0, 5).Select(epoch => Draw(transform, epoch)).ToArray();
        Assert.Equal([(64, 32), (64, 32), (64, 32), (128, 64), (128, 64)], drawn.Select(each => (each.Image.Width, each.Image.Height)));
        // A mosaic of four images has up to four objects, the closed epochs one at its place.
        Assert.All(drawn[3..], each => Assert.Equal([12.8f, 12.8f, 115.2f, 51.2f], each.Boxes, (x, y) => Math.Abs(x - y) < 0.01));
        Assert.All(drawn[..3], each => Assert.NotEqual([6.4f, 6.4f, 57.6f, 25.6f], each.Boxes));
        // The last epoch is at full size.
        (double Share, int Epochs)[] shares = [(1, 1), (0.04, 12), (0.5, 2), (1, 12)];
        Assert.Equal([0, 0, 1, 11], shares.Select(each => (options with { HalfSizeShare = each.Share }).HalfSizeEpochs(each.Epochs)));
        Assert.Equal(128, Draw(new SampleTransform(options with { HalfSizeShare = 0 }), 0).Image.Width);

        TrainingSample Draw(SampleTransform transform, int epoch) => transform.ForEpoch(epoch, 5).Apply(sample, SeededRandom.For(1, epoch, 0), _ => sample);
    }

    [Fact]
    public void Options_out_of_range_are_named()
    {
        Says("Mosaic is 1.1", Alone with { Mosaic = 1.1 });
        Says("ScaleJitterMinimum is 3, above ScaleJitterMaximum, which is 2", Alone with { ScaleJitterMinimum = 3 });
        Says("AffineShear is 60", Alone with { AffineShear = 60 });
        Says("ZoomOutMaximum is 0.5", Alone with { ZoomOutMaximum = 0.5 });
        Says("HalfSizeShare is 1.5", Alone with { HalfSizeShare = 1.5 });
        Says("half of the smallest size is below 32 pixels", Alone with { Sizes = [Resize.ShortestEdge(63, 80)], HalfSizeShare = 0.1 });
        Says("CloseEpochs is -1", Alone with { CloseEpochs = -1 });

        static void Says(string text, AugmentationOptions options) => Assert.Contains(text, Assert.Throws<ArgumentException>(options.Validate).Message);
    }

    private static TrainingSample Apply(SampleTransform transform, int seed, bool runs, bool whole = false)
    {
        var next = 1;
        return transform.Apply(Sample(0, seed, runs, whole), new SeededRandom(seed), random => Sample(next++, (int)random.Next(1000), runs, whole));
    }

    /// <summary>A triangle in the color of its label on black, or the whole image.</summary>
    private static TrainingSample Sample(int label, int seed, bool runs, bool whole)
    {
        var random = SeededRandom.For(seed, 3, label);
        var (x, y, w, h) = (random.Next(5, 60), random.Next(5, 40), random.Next(30, 55), random.Next(30, 45));
        double[] corners = whole ? [0, 0, Width, 0, Width, Height, 0, Height] : [x, y, x + w, y + h * 0.7, x + w * 0.3, y + h];
        Segmentation mask = new PolygonSegmentation([corners]);
        var filled = mask.ToRuns(Height, Width);
        var image = new RgbImage(Width, Height);
        var pixels = filled.ToBitmap();
        for (var i = 0; i < pixels.Length; i++)
            if (pixels[i])
                Colors[label].CopyTo(image.Pixels, 3 * i);
        float[] box = whole ? [0, 0, Width, Height] : [x, y, x + w, y + h];
        return new(image, box, [label]) { Masks = [runs ? filled : mask] };
    }

    /// <summary>The pixels nearer to the color of a label than to any other, black or the fill.</summary>
    private static bool[] Shown(RgbImage image, int label)
    {
        byte[][] all = [.. Colors, [0, 0, 0], [Fill, Fill, Fill]];
        return [.. Enumerable.Range(0, image.Width * image.Height).Select(i => all.MinBy(color => Distance(color, image.Pixels.AsSpan(3 * i, 3))) == all[label])];

        static int Distance(byte[] color, ReadOnlySpan<byte> pixel)
            => (color[0] - pixel[0]) * (color[0] - pixel[0]) + (color[1] - pixel[1]) * (color[1] - pixel[1]) + (color[2] - pixel[2]) * (color[2] - pixel[2]);
    }

    private static double Bilinear(RgbImage image, double x, double y, int channel)
    {
        (x, y) = (Math.Clamp(x, 0, image.Width - 1), Math.Clamp(y, 0, image.Height - 1));
        var (left, top) = ((int)x, (int)y);
        var (right, bottom) = (Math.Min(left + 1, image.Width - 1), Math.Min(top + 1, image.Height - 1));
        return At(left, top) * (1 - x + left) * (1 - y + top) + At(right, top) * (x - left) * (1 - y + top)
            + At(left, bottom) * (1 - x + left) * (y - top) + At(right, bottom) * (x - left) * (y - top);

        double At(int column, int row) => image.Pixels[3 * (row * image.Width + column) + channel];
    }

    private static string Digest(TrainingSample sample) => Convert.ToHexString(SHA256.HashData(sample.Image.Pixels)) + string.Join(' ', sample.Boxes) + string.Join(' ', sample.Labels);
}
