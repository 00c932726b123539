using Pss.Engine.Data.Augmentation;
using Pss.Engine.Data.Images;

namespace Pss.Engine.Tests.Data.Augmentation;

public sealed class AugmentationTests
{
    private static readonly byte[][] Colors = [[255, 40, 40], [40, 255, 40], [40, 40, 255]];

    [Fact]
    public void Flipping_twice_is_the_identity()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var sample = Scene(seed);
            AssertEqual(sample, Augmentations.FlipHorizontally(Augmentations.FlipHorizontally(sample)));
            AssertEqual(sample, Augmentations.FlipVertically(Augmentations.FlipVertically(sample)));
        }
    }

    [Fact]
    public void Boxes_follow_pixels_through_flips_and_crops()
    {
        var options = new AugmentationOptions { CropMinimum = 0.3, CropVisible = 0 };
        for (var seed = 0; seed < 100; seed++)
        {
            var sample = Scene(seed);
            AssertBoxesFitPixels(sample, 0);
            AssertBoxesFitPixels(Augmentations.FlipHorizontally(sample), 0);
            AssertBoxesFitPixels(Augmentations.FlipVertically(sample), 0);
            AssertBoxesFitPixels(Augmentations.RandomCrop(sample, new SeededRandom(seed), options), 0);
        }
    }

    [Fact]
    public void Boxes_follow_pixels_through_the_whole_pipeline()
    {
        var transform = new SampleTransform(new() { Sizes = Resize.ShortestEdges(90, 260, 1, 400), Crop = 0.5, VerticalFlip = 0.5, CropVisible = 0 });
        for (var seed = 0; seed < 100; seed++)
            // Half a source pixel of blur, at a scale of up to 4.
            AssertBoxesFitPixels(transform.Apply(Scene(seed), new SeededRandom(seed)), 3);
    }

    [Fact]
    public void A_crop_keeps_one_object_whole_and_drops_what_it_barely_shows()
    {
        var options = new AugmentationOptions { CropMinimum = 0.2, CropVisible = 0.5 };
        for (var seed = 0; seed < 200; seed++)
        {
            var sample = Scene(seed);
            var cropped = Augmentations.RandomCrop(sample, new SeededRandom(seed), options);
            var kept = cropped.Labels.Select((label, i) => Area(cropped, i) / Area(sample, Array.IndexOf(sample.Labels, label))).ToArray();
            Assert.Contains(1, kept);
            Assert.All(kept, share => Assert.InRange(share, 0.5, 1));
            Assert.InRange(cropped.Image.Width, Math.Ceiling(0.2 * sample.Image.Width), sample.Image.Width);
        }
    }

    [Fact]
    public void A_crop_without_objects_stays_inside()
    {
        var sample = new TrainingSample(new RgbImage(9, 5), [], []);
        for (var seed = 0; seed < 50; seed++)
            Assert.InRange(Augmentations.RandomCrop(sample, new SeededRandom(seed), new()).Image.Height, 3, 5);
    }

    [Fact]
    public void Resizing_multiplies_boxes_by_the_actual_ratios()
    {
        var sample = new TrainingSample(new RgbImage(640, 427), [64, 42.7f, 320, 213.5f], [0]);
        var resized = Augmentations.ApplyResize(sample, Resize.ShortestEdge());
        Assert.Equal((1199, 800), (resized.Image.Width, resized.Image.Height));
        float[] expected = [119.9f, 80, 599.5f, 400];
        Assert.All(expected.Zip(resized.Boxes), pair => Assert.Equal(pair.First, pair.Second, 1e-3f));
    }

    [Theory]
    [InlineData(0.5, 1, 1, 0, 50, 20, 5)]       // half as bright
    [InlineData(1, 0, 1, 0, 54, 54, 54)]        // no contrast leaves the mean gray, 0.299 * 100 + 0.587 * 40 + 0.114 * 10 = 54.5 - rounding
    [InlineData(1, 1, 0, 0, 55, 55, 55)]        // no saturation leaves the pixel's gray
    [InlineData(2, 1, 1, 0, 200, 80, 20)]
    [InlineData(3, 1, 1, 0, 255, 120, 30)]      // saturates at white
    public void Colors_change_by_their_formulas(double brightness, double contrast, double saturation, double hue, int red, int green, int blue)
    {
        var image = new RgbImage(1, 1, [100, 40, 10]);
        var pixels = new ColorChange(brightness, contrast, saturation, hue).Apply(image).Pixels;
        Assert.All(new[] { red, green, blue }.Zip(pixels), pair => Assert.InRange(pair.Second - pair.First, -1, 1));
    }

    [Fact]
    public void A_whole_turn_of_hue_is_the_identity_and_gray_never_turns()
    {
        var image = new RgbImage(2, 1, [100, 40, 10, 77, 77, 77]);
        var full = new ColorChange(1, 1, 1, 1).Apply(image).Pixels;
        Assert.All(image.Pixels.Zip(full), pair => Assert.InRange(pair.Second - pair.First, -1, 1));
        var third = new ColorChange(1, 1, 1, 0.3).Apply(image).Pixels;
        Assert.NotEqual(image.Pixels[..3], third[..3]);
        Assert.All(third[3..], value => Assert.InRange(value, 76, 78));
    }

    [Fact]
    public void Colors_leave_boxes_alone_and_the_input_as_it_was()
    {
        var sample = Scene(3);
        var before = (byte[])sample.Image.Pixels.Clone();
        var options = new AugmentationOptions { Brightness = 0.4, Contrast = 0.4, Saturation = 0.4, Hue = 0.1 };
        var changed = Augmentations.JitterColors(sample, new SeededRandom(1), options);
        Assert.Equal(sample.Boxes, changed.Boxes);
        Assert.Equal(before, sample.Image.Pixels);
        Assert.NotEqual(before, changed.Image.Pixels);
    }

    [Fact]
    public void Options_out_of_range_are_named()
    {
        Assert.Contains("Hue is 0.7", Assert.Throws<ArgumentException>(() => new SampleTransform(new() { Hue = 0.7 })).Message);
        Assert.Contains("Sizes", Assert.Throws<ArgumentException>(() => new SampleTransform(new() { Sizes = [] })).Message);
        Assert.Contains("Crop is NaN", Assert.Throws<ArgumentException>(() => new SampleTransform(new() { Crop = double.NaN })).Message);
    }

    /// <summary>Up to three rectangles side by side, each in the color of its label, on black.</summary>
    private static TrainingSample Scene(int seed)
    {
        var random = new SeededRandom(seed);
        var image = new RgbImage(random.Next(60, 150), random.Next(40, 150));
        var (boxes, labels) = (new List<float>(), new List<int>());
        for (var label = 0; label < random.Next(1, 4); label++)
        {
            var third = image.Width / 3;
            var (x1, y1) = (label * third + random.Next(third - 6), random.Next(image.Height - 6));
            var (x2, y2) = (random.Next(x1 + 5, (label + 1) * third), random.Next(y1 + 5, image.Height + 1));
            for (var y = y1; y < y2; y++)
                for (var x = x1; x < x2; x++)
                    Colors[label].CopyTo(image.Pixels, 3 * (y * image.Width + x));
            boxes.AddRange([x1, y1, x2, y2]);
            labels.Add(label);
        }
        return new(image, [.. boxes], [.. labels]);
    }

    /// <summary>Finds each rectangle again by its color.</summary>
    private static void AssertBoxesFitPixels(TrainingSample sample, float tolerance)
    {
        for (var i = 0; i < sample.Labels.Length; i++)
        {
            int x1 = int.MaxValue, y1 = int.MaxValue, x2 = -1, y2 = -1;
            for (var at = 0; at < sample.Image.Pixels.Length; at += 3)
            {
                var label = sample.Labels[i];
                // More than half of the full color.
                if (sample.Image.Pixels[at + label] <= 127 || sample.Image.Pixels[at + (label + 1) % 3] > 127)
                    continue;
                var (x, y) = (at / 3 % sample.Image.Width, at / 3 / sample.Image.Width);
                (x1, y1, x2, y2) = (Math.Min(x1, x), Math.Min(y1, y), Math.Max(x2, x + 1), Math.Max(y2, y + 1));
            }
            float[] expected = [x1, y1, x2, y2];
            Assert.All(expected.Zip(sample.Boxes.AsSpan(4 * i, 4).ToArray()), pair => Assert.InRange(pair.Second - pair.First, -tolerance, tolerance));
        }
    }

    private static double Area(TrainingSample sample, int i) =>
        (double)(sample.Boxes[4 * i + 2] - sample.Boxes[4 * i]) * (sample.Boxes[4 * i + 3] - sample.Boxes[4 * i + 1]);

    private static void AssertEqual(TrainingSample expected, TrainingSample actual)
    {
        Assert.Equal(expected.Image.Pixels, actual.Image.Pixels);
        Assert.Equal(expected.Boxes, actual.Boxes);
        Assert.Equal(expected.Labels, actual.Labels);
    }
}
