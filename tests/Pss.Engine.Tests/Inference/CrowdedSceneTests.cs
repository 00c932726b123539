using Pss.Engine.Data;
using Pss.Engine.Evaluation;
using Pss.Engine.Inference;

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
    public void End_to_end_there_is_exactly_one_detection_an_object() => Covers(Detect(new()), 1);

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
        Covers(half, 1);
        foreach (var found in exact)
        {
            var other = half.MaxBy(candidate => BoxOverlap.IoU(Box(candidate), Box(found)))!;
            Assert.Equal(found.Label, other.Label);
            Assert.Equal(found.Score, other.Score, 0.1f);
            Assert.InRange(BoxOverlap.IoU(Box(other), Box(found)), 0.85, 1);
        }
    }

    [Fact]
    public void Boxes_are_in_pixels_of_the_original_image_however_it_is_scaled()
    {
        Covers(DetectDoubled(Resize.Letterbox(128, 96)), 2);
        Covers(DetectDoubled(Resize.ShortestEdge(96, 1333)), 2);
        // Group normalisation sees the padding: the boxes keep their places, the scores do not.
        var padded = DetectDoubled(Resize.Letterbox(192, 96));
        Assert.NotEmpty(padded);
        Assert.All(padded, found => Assert.Contains(scene.Objects, item => Matches(found, item, 2)));
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

    /// <summary>As many detections as objects, each object with one of its own.</summary>
    private void Covers(IReadOnlyList<Detection> found, double scale)
    {
        var left = found.ToList();
        foreach (var item in scene.Objects)
        {
            var best = left.Where(candidate => candidate.Label == item.Label).MaxBy(candidate => BoxOverlap.IoU(Scaled(candidate, scale), item.Box));
            Assert.True(best is not null && Matches(best, item, scale), $"{item.Label} {item.Box} is not among {string.Join("; ", found)}");
            left.Remove(best);
        }
        Assert.Empty(left);
    }

    private static bool Matches(Detection found, ObjectAnnotation item, double scale)
        => found.Label == item.Label && BoxOverlap.IoU(Scaled(found, scale), item.Box) > 0.7;

    private static BoundingBox Box(Detection found) => Scaled(found, 1);

    private static BoundingBox Scaled(Detection found, double scale)
        => BoundingBox.FromCorners(found.X1 / scale, found.Y1 / scale, found.X2 / scale, found.Y2 / scale);
}
