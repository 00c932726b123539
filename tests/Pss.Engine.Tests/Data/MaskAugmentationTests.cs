using System.Globalization;
using System.Text.Json;
using Pss.Engine.Data;
using Pss.Engine.Data.Augmentation;
using Pss.Engine.Data.Images;
using Pss.Engine.Data.Loading;
using Pss.Engine.Evaluation;

namespace Pss.Engine.Tests.Data;

/// <summary>Masks go through the augmentations with their boxes.</summary>
public sealed class MaskAugmentationTests
{
    private const int Width = 80;
    private const int Height = 60;

    private static readonly BoundingBox[] Boxes = [new(8, 12, 30, 20), new(50, 30, 24, 28)];

    public static IEnumerable<object[]> Changes => new[] { "flip across", "flip down", "larger", "smaller", "letterbox", "crop", "all" }
        .SelectMany(change => new[] { false, true }.Select(runs => new object[] { change, runs }));

    [Theory]
    [MemberData(nameof(Changes))]
    public void A_rectangular_mask_ends_where_its_box_ends(string change, bool runs)
    {
        var result = Change(change)(Sample(runs));
        Assert.Equal(result.Labels.Length, result.Masks!.Length);
        Assert.NotEmpty(result.Labels);
        for (var i = 0; i < result.Labels.Length; i++)
        {
            var mask = result.Masks[i]!.ToRuns(result.Image.Height, result.Image.Width);
            var bounds = RunLengthMask.Bounds(mask);
            var box = result.Boxes.AsSpan(4 * i, 4);
            // A pixel belongs to the mask or does not: half a pixel, or with COCO's way of filling polygons one.
            var tolerance = runs ? 0.501 : 1.001;
            Assert.InRange(bounds.X, box[0] - tolerance, box[0] + tolerance);
            Assert.InRange(bounds.Y, box[1] - tolerance, box[1] + tolerance);
            Assert.InRange(bounds.X2, box[2] - tolerance, box[2] + tolerance);
            Assert.InRange(bounds.Y2, box[3] - tolerance, box[3] + tolerance);
            Assert.Equal(bounds.Area, RunLengthMask.Area(mask));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_circle_scales_by_area(bool runs)
    {
        var circle = Enumerable.Range(0, 200).SelectMany(i => new[] { 40 + 20 * Math.Cos(Math.PI * i / 100), 30 + 20 * Math.Sin(Math.PI * i / 100) }).ToArray();
        Segmentation mask = new PolygonSegmentation([circle]);
        mask = runs ? mask.ToRuns(Height, Width) : mask;
        var sample = new TrainingSample(new(Width, Height), [20, 10, 60, 50], [0]) { Masks = [mask] };
        foreach (var scale in (double[])[0.5, 2, 3.7])
        {
            var result = Augmentations.ApplyResize(sample, Resize.ShortestEdge((int)(Height * scale), 10_000));
            var area = RunLengthMask.Area(result.Masks![0]!.ToRuns(result.Image.Height, result.Image.Width));
            Assert.InRange(area / (Math.PI * 400 * scale * scale), 0.97, 1.03);
        }
    }

    [Fact]
    public void Flips_and_crops_of_runs_are_exact()
    {
        var random = new SeededRandom(5);
        var pixels = Enumerable.Range(0, Width * Height).Select(_ => random.Next(3) == 0).ToArray();
        var sample = new TrainingSample(new(Width, Height), [0, 0, Width, Height], [0]) { Masks = [RunLengthMask.FromBitmap(pixels, Height, Width)] };
        var across = ((RleSegmentation)Augmentations.FlipHorizontally(sample).Masks![0]!).ToBitmap();
        var down = ((RleSegmentation)Augmentations.FlipVertically(sample).Masks![0]!).ToBitmap();
        var crop = ((RleSegmentation)Augmentations.CropTo(sample, 7, 5, 20, 30, 0).Masks![0]!).ToBitmap();
        for (var y = 0; y < Height; y++)
            for (var x = 0; x < Width; x++)
            {
                Assert.Equal(pixels[y * Width + x], across[y * Width + Width - 1 - x]);
                Assert.Equal(pixels[y * Width + x], down[(Height - 1 - y) * Width + x]);
            }
        for (var y = 0; y < 30; y++)
            Assert.Equal(pixels[((y + 5) * Width + 7)..((y + 5) * Width + 27)], crop[(20 * y)..(20 * y + 20)]);
    }

    [Fact]
    public void Dropped_objects_take_their_masks_with_them()
    {
        var result = Augmentations.CropTo(Sample(runs: false), 45, 25, 35, 35, 0.5);
        Assert.Equal([1], result.Labels);
        var bounds = RunLengthMask.Bounds(Assert.Single(result.Masks!)!.ToRuns(35, 35));
        Assert.InRange(bounds.X, 4, 6);
        Assert.InRange(bounds.Y, 4, 6);
    }

    [Fact]
    public void Masks_change_neither_boxes_nor_random_draws()
    {
        var transform = new SampleTransform(new() { Sizes = Resize.ShortestEdges(40, 90, 10, 200), VerticalFlip = 0.5, Crop = 0.5, Brightness = 0.2 });
        for (var i = 0; i < 40; i++)
        {
            var (with, without) = (SeededRandom.For(1, 0, i), SeededRandom.For(1, 0, i));
            var (masked, plain) = (transform.Apply(Sample(i % 2 == 0), with), transform.Apply(Sample(runs: false) with { Masks = null }, without));
            Assert.Null(plain.Masks);
            Assert.Equal(plain.Boxes, masked.Boxes);
            Assert.Equal(plain.Labels, masked.Labels);
            Assert.Equal(plain.Image.Pixels, masked.Image.Pixels);
            Assert.Equal(without.NextUInt64(), with.NextUInt64());
        }
    }

    [Fact]
    public void A_dataset_source_gives_masks_only_when_asked_for()
    {
        var dataset = Dataset();
        var plain = new DatasetSampleSource(dataset);
        var masked = new DatasetSampleSource(dataset, masks: true);
        Assert.Null(plain.Load(0).Masks);
        Assert.Equal(dataset.Images[0].Objects.Select(item => item.Mask), masked.Load(0).Masks);
        var options = new BatchLoaderOptions { BatchSize = 2, Workers = 1, Shuffle = false };
        var transform = new SampleTransform(AugmentationOptions.None(Resize.ShortestEdge(30, 100)));
        using (var batch = Assert.Single(new BatchLoader(plain, transform, options).Epoch(0)))
            Assert.Null(batch.Masks);
        using (var batch = Assert.Single(new BatchLoader(masked, transform, options).Epoch(0)))
        {
            Assert.Equal(batch.Labels.Length, batch.Masks!.Length);
            for (var i = 0; i < batch.Labels.Length; i++)
            {
                var size = batch.Sizes[batch.ImageOfObject[i]];
                var bounds = RunLengthMask.Bounds(batch.Masks[i]!.ToRuns(size.Height, size.Width));
                Assert.InRange(bounds.X, batch.Boxes[4 * i] - 1, batch.Boxes[4 * i] + 1);
            }
        }
    }

    [Fact]
    public void A_reduced_jpeg_has_its_masks_reduced()
    {
        const int scale = 8;
        using var folder = new TemporaryFolder();
        var image = new RgbImage(scale * Width, scale * Height);
        var path = folder["a.jpg"];
        File.WriteAllBytes(path, ImageEncoder.Jpeg(image, 80));
        var big = Array.ConvertAll(Boxes, box => new BoundingBox(scale * box.X, scale * box.Y, scale * box.Width, scale * box.Height));
        foreach (var runs in (bool[])[false, true])
        {
            ObjectAnnotation[] objects = [.. big.Select((box, i) => new ObjectAnnotation { Label = i, Box = box, Mask = Rectangle(box, runs, image.Height, image.Width) })];
            var record = new ImageRecord { Id = 1, FileName = "a.jpg", Path = path, Width = image.Width, Height = image.Height, Objects = objects };
            var augmentation = AugmentationOptions.None(Resize.ShortestEdge(Height, 1000));
            var sample = new DatasetSampleSource(new() { Categories = Dataset().Categories, Images = [record] }, augmentation: augmentation, masks: true).Load(0);
            Assert.True(sample.Image.Width < image.Width);
            sample.Validate();
            for (var i = 0; i < Boxes.Length; i++)
            {
                var bounds = RunLengthMask.Bounds(sample.Masks![i]!.ToRuns(sample.Image.Height, sample.Image.Width));
                Assert.InRange(bounds.X2, sample.Boxes[4 * i + 2] - 1.001, sample.Boxes[4 * i + 2] + 1.001);
                Assert.InRange(bounds.Y, sample.Boxes[4 * i + 1] - 1.001, sample.Boxes[4 * i + 1] + 1.001);
            }
        }
    }

    [Fact]
    public void A_mask_of_another_size_is_an_error()
    {
        var sample = Sample(runs: true);
        var wrong = sample with { Masks = [sample.Masks![0], RunLengthMask.FromBitmap(new bool[6], 2, 3)] };
        Assert.Contains("object 1 has a mask of 3 x 2", Assert.Throws<InvalidDataException>(wrong.Validate).Message);
        Assert.Contains("1 masks", Assert.Throws<InvalidDataException>((sample with { Masks = [null] }).Validate).Message);
    }

    [Fact]
    public void A_detection_without_a_mask_is_what_it_was()
    {
        var plain = new Detection(1.5f, 2, 3, 4, 0.5f, 6);
        Assert.Equal("Detection { X1 = 1.5, Y1 = 2, X2 = 3, Y2 = 4, Score = 0.5, Label = 6 }", plain.ToString());
        Assert.Equal(new Detection(1.5f, 2, 3, 4, 0.5f, 6), plain);
        Assert.DoesNotContain("Mask", JsonSerializer.Serialize(plain));
        var masked = plain with { Mask = Rectangle(Boxes[0], runs: true) };
        Assert.NotEqual(plain, masked);
        Assert.Contains("Mask", masked.ToString());
        Assert.Equal(masked, JsonSerializer.Deserialize<Detection>(JsonSerializer.Serialize(masked)));
    }

    [Fact]
    public void Masks_of_detections_are_evaluated()
    {
        var dataset = Dataset();
        Detection[][] found = [.. dataset.Images.Select(image => image.Objects.Select(item => new Detection(0, 0, 1, 1, 1, item.Label) { Mask = item.Mask }).ToArray())];
        Assert.Equal(1, new CocoEvaluator(new() { Masks = true }).Evaluate(dataset, found).Summary.AP, 6);
        Assert.Equal(0, new CocoEvaluator().Evaluate(dataset, found).Summary.AP);
    }

    private static Func<TrainingSample, TrainingSample> Change(string name) => name switch
    {
        "flip across" => Augmentations.FlipHorizontally,
        "flip down" => Augmentations.FlipVertically,
        "larger" => sample => Augmentations.ApplyResize(sample, Resize.ShortestEdge(141, 1000)),
        "smaller" => sample => Augmentations.ApplyResize(sample, Resize.ShortestEdge(23, 1000)),
        "letterbox" => sample => Augmentations.ApplyResize(sample, Resize.Letterbox(70, 100)),
        "crop" => sample => Augmentations.CropTo(sample, 13, 9, 48, 40, 0.1),
        _ => sample => new SampleTransform(new() { Sizes = [Resize.Letterbox(111, 133)], HorizontalFlip = 1, VerticalFlip = 1, Crop = 1 }).Apply(sample, new(3)),
    };

    private static TrainingSample Sample(bool runs) => new(new(Width, Height), [.. Boxes.SelectMany(box => new[] { (float)box.X, (float)box.Y, (float)box.X2, (float)box.Y2 })], [0, 1])
    {
        Masks = [.. Boxes.Select(box => Rectangle(box, runs))],
    };

    private static Segmentation Rectangle(BoundingBox box, bool runs, int height = Height, int width = Width)
    {
        Segmentation mask = new PolygonSegmentation([[box.X, box.Y, box.X2, box.Y, box.X2, box.Y2, box.X, box.Y2]]);
        return runs ? mask.ToRuns(height, width) : mask;
    }

    private static DetectionDataset Dataset() => new()
    {
        Categories = [new(1, "a"), new(2, "b")],
        Images = [.. Enumerable.Range(0, 2).Select(i => new ImageRecord
        {
            Id = i + 1,
            FileName = i.ToString(CultureInfo.InvariantCulture),
            Width = Width,
            Height = Height,
            Objects = [.. Boxes.Select((box, k) => new ObjectAnnotation { Id = 10 * i + k, Label = k, Box = box, Mask = Rectangle(box, runs: i == 1) })],
        })],
        ImageLoader = (_, _) => new(Width, Height),
    };
}
