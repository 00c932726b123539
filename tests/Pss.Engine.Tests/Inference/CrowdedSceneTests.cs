using Pss.Engine.Data;
using Pss.Engine.Data.Images;
using Pss.Engine.Evaluation;
using Pss.Engine.Inference;
using Pss.Engine.Tests.Data.Images;

namespace Pss.Engine.Tests.Inference;

/// <summary>What the paper is about: without NMS one detection an object, even where objects of one class overlap.</summary>
public class CrowdedSceneTests(CrowdedScene scene) : IClassFixture<CrowdedScene>
{
    private const float Threshold = 0.3f;

    [Fact]
    public void The_scene_is_a_crowd_that_nms_would_thin_out()
    {
        var pairs = scene.Objects.SelectMany((a, i) => scene.Objects.Skip(i + 1).Where(b => b.Label == a.Label).Select(b => BoxOverlap.IoU(a.Box, b.Box)));
        Assert.Contains(pairs, iou => iou > 0.6);
    }

    [Fact]
    public void End_to_end_there_is_exactly_one_detection_an_object()
    {
        var left = Detect(new()).ToList();
        foreach (var item in scene.Objects)
        {
            var best = left.Where(found => found.Label == item.Label).MaxBy(found => BoxOverlap.IoU(Box(found), item.Box));
            Assert.True(best is not null && Matches(best, item, 1), $"{item.Label} {item.Box} is not among {string.Join("; ", left)}");
            left.Remove(best);
        }
        Assert.Empty(left);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(8)]
    public void On_a_large_jpeg_decoded_at_a_reduced_scale_the_same_is_found(int factor)
    {
        // No multiples of 8: the last pixels of the reduced picture are filled in part.
        var (width, height) = (128 * factor + 1, 96 * factor + 3);
        var jpeg = ImageFiles.Encode(new ResizeGeometry(128, 96, width, height, width, height).Apply(scene.Image), SkiaSharp.SKEncodedImageFormat.Jpeg);
        using var detector = new Detector(scene.Model, new() { Device = "cpu", PostProcessing = new() { ScoreThreshold = Threshold } });
        var (whole, reduced) = (RgbImage.Decode(jpeg, "whole"), RgbImage.Decode(jpeg, "reduced", ImageDecoding.For(detector.Resize)));
        Assert.True(reduced.Width < whole.Width);

        var (expected, found) = (detector.Detect(whole), detector.Detect(reduced));

        // The detector knows the scene by heart as it was before JPEG: there it may find one object twice.
        Assert.InRange(expected.Count, scene.Objects.Count, scene.Objects.Count + 1);
        Assert.Equal(expected.Count, found.Count);
        Assert.All(expected.Zip(found), pair =>
        {
            var (a, b) = pair;
            Assert.Equal((a.Label, a.Score), (b.Label, b.Score), (x, y) => x.Item1 == y.Item1 && Math.Abs(x.Item2 - y.Item2) <= 0.01f);
            Assert.InRange(new[] { a.X1 - b.X1, a.Y1 - b.Y1, a.X2 - b.X2, a.Y2 - b.Y2 }.Max(Math.Abs), 0, 1f);
        });
    }

    [Fact]
    public void One_to_many_there_are_duplicates_and_nms_removes_an_object_with_them()
    {
        var before = Detect(new() { PostProcessing = OneToMany(nms: 1) });
        Assert.All(scene.Objects, item => Assert.Contains(before, found => Matches(found, item, 1)));
        Assert.True(before.Count >= 2 * scene.Objects.Count, $"{before.Count} detections before NMS");
        Assert.True(Detect(new() { PostProcessing = OneToMany(nms: 0.6f) }).Count < scene.Objects.Count);
    }

    [Fact]
    public void In_bfloat16_the_detections_are_close()
    {
        var (exact, half) = (Detect(new()), Detect(new() { Precision = Precision.BFloat16 }));
        foreach (var found in exact)
        {
            var other = half.MaxBy(candidate => BoxOverlap.IoU(Box(candidate), Box(found)))!;
            Assert.Equal(found.Label, other.Label);
            Assert.InRange(BoxOverlap.IoU(Box(other), Box(found)), 0.8, 1);
        }
    }

    [Fact]
    public void Boxes_are_in_pixels_of_the_original_image_however_it_is_scaled()
    {
        // Scaled there and back the image is another one, and group normalization sees the padding: the boxes keep their places, not the scores.
        foreach (var resize in (Resize[])[Resize.Letterbox(128, 96), Resize.ShortestEdge(96, 1333), Resize.Letterbox(192, 96)])
        {
            var found = DetectDoubled(resize);
            Assert.NotEmpty(found);
            Assert.All(found, box => Assert.Contains(scene.Objects, item => Matches(box, item, 2)));
        }
    }

    private IReadOnlyList<Detection> DetectDoubled(Resize resize)
    {
        using var detector = new Detector(scene.Model, new() { Device = "cpu", Resize = resize, PostProcessing = new() { ScoreThreshold = Threshold } });
        return detector.Detect(Resize.Letterbox(256, 192).For(128, 96).Apply(scene.Image));
    }

    private static PostProcessingOptions OneToMany(float nms) => new() { Mode = DetectionMode.OneToMany, NmsThreshold = nms };

    private IReadOnlyList<Detection> Detect(InferenceOptions options)
    {
        using var detector = new Detector(scene.Model, options with { Device = "cpu", PostProcessing = options.PostProcessing with { ScoreThreshold = Threshold } });
        return detector.Detect(scene.Image);
    }

    private static bool Matches(Detection found, ObjectAnnotation item, double scale)
        => found.Label == item.Label && BoxOverlap.IoU(Scaled(found, scale), item.Box) > 0.7;

    private static BoundingBox Box(Detection found) => Scaled(found, 1);

    private static BoundingBox Scaled(Detection found, double scale)
        => BoundingBox.FromCorners(found.X1 / scale, found.Y1 / scale, found.X2 / scale, found.Y2 / scale);
}
