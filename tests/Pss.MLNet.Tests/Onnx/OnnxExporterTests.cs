using Pss.Engine.Data;
using Pss.Engine.Data.Images;
using Pss.Engine.Inference;
using Pss.Engine.Onnx;

namespace Pss.MLNet.Tests.Onnx;

/// <summary>
/// Exported detectors on ONNX Runtime against the same detectors on TorchSharp: not channels-last, where libtorch's group normalization
/// takes the variance as a difference of large sums and loses digits on the smallest maps.
/// </summary>
public class OnnxExporterTests
{
    [Theory]
    [InlineData("FCOS", null)]
    [InlineData("ATSS", null)]
    [InlineData("FCOS_PSS", DetectionMode.EndToEnd)]
    [InlineData("ATSS_PSS", DetectionMode.EndToEnd)]
    [InlineData("ATSS_PSS", DetectionMode.OneToMany)]
    [InlineData("no center-ness", DetectionMode.EndToEnd)]
    [InlineData("no center-ness", DetectionMode.OneToMany)]
    [InlineData("GFocalV2_PSS", DetectionMode.EndToEnd)]
    [InlineData("DeFCN", null)]
    [InlineData("DeFCN", DetectionMode.OneToMany)]
    [InlineData("VFNet_PSS", DetectionMode.EndToEnd)]
    [InlineData("ResNeXt", DetectionMode.EndToEnd)]
    [InlineData("Res2Net", DetectionMode.EndToEnd)]
    [InlineData("tiny", DetectionMode.EndToEnd)]
    [InlineData("tiny", DetectionMode.OneToMany)]
    [InlineData("micro", DetectionMode.EndToEnd)]
    [InlineData("micro", DetectionMode.OneToMany)]
    [InlineData("FCOS_PSS, local maxima", DetectionMode.EndToEnd)]
    public void The_pipeline_detects_what_the_detector_detects(string name, DetectionMode? mode)
    {
        var model = RandomDetectors.Make(name, 90, 64);
        var postProcessing = new PostProcessingOptions { Mode = mode, ScoreThreshold = 0.02f };
        using var detector = new Detector(model, new() { PostProcessing = postProcessing, Device = "cpu", ChannelsLast = false });
        using var runner = new OnnxRunner(model, new() { ForPipeline = true, PostProcessing = postProcessing });
        foreach (var (width, height) in ((int, int)[])[(90, 64), (50, 120), (240, 70), (17, 33)])
        {
            var image = RandomDetectors.Image(width, width, height);
            var expected = detector.Detect(image);
            Assert.InRange(expected.Count, 5, 100);
            SameDetections.Check(expected, runner.Detect(image), 1e-4, Math.Max(width, height));
        }
    }

    [Theory]
    [InlineData("micro")]
    [InlineData("tiny")]
    public void Twenty_images_are_detected_as_the_detector_does(string name)
    {
        var model = RandomDetectors.Make(name);
        using var detector = new Detector(model, new() { Device = "cpu", ChannelsLast = false });
        using var runner = new OnnxRunner(model, new() { ForPipeline = true });
        for (var seed = 0; seed < 20; seed++)
        {
            var image = RandomDetectors.Image(seed, 96, 64);
            SameDetections.Check(detector.Detect(image), runner.Detect(image), 1e-4, 96);
        }
    }

    [Fact]
    public void A_missing_image_and_a_high_threshold_leave_nothing()
    {
        var model = RandomDetectors.Make("FCOS_PSS");
        using var runner = new OnnxRunner(model, new() { ForPipeline = true });
        Assert.Equal(100, runner.Detect(RandomDetectors.Image(1, 96, 64)).Count);
        Assert.Empty(runner.Detect(null));
        using var strict = new OnnxRunner(model, new() { ForPipeline = true, PostProcessing = new() { ScoreThreshold = 1 } });
        Assert.Empty(strict.Detect(RandomDetectors.Image(1, 96, 64)));
    }

    [Theory]
    [InlineData("FCOS_PSS", true, false, 1000)]
    [InlineData("FCOS_PSS", false, false, 1000)]
    [InlineData("FCOS", true, false, 25)]
    [InlineData("ATSS", false, true, 25)]
    [InlineData("Res2Net", true, false, 1000)]
    [InlineData("DeFCN", true, false, 1000)]
    [InlineData("FCOS_PSS, local maxima", true, false, 1000)]
    [InlineData("FCOS_PSS, local maxima", false, false, 1000)]
    public void Batches_of_fixed_and_free_size_detect_the_same(string name, bool dynamic, bool geometricMean, int candidates)
    {
        var model = RandomDetectors.Make(name);
        var postProcessing = new PostProcessingOptions { GeometricMean = geometricMean, CandidatesPerLevel = candidates };
        RgbImage[] images = [RandomDetectors.Image(1, 192, 128), RandomDetectors.Image(2, 40, 64), RandomDetectors.Image(3, 96, 31)];
        using var runner = new OnnxRunner(
            model, new() { ScaleImages = false, BatchSize = dynamic ? null : OnnxRunner.Batch, PostProcessing = postProcessing });
        using var detector = new Detector(model, new() { PostProcessing = postProcessing, Device = "cpu", ChannelsLast = false });
        var expected = detector.Detect(images);
        var actual = runner.DetectBatch(images, dynamic);
        for (var i = 0; i < images.Length; i++)
        {
            var geometry = model.Resize.For(images[i].Width, images[i].Height);
            Assert.NotEmpty(expected[i]);
            SameDetections.Check([.. expected[i].Select(d => Scaled(d, (float)geometry.ScaleX, (float)geometry.ScaleY))], actual[i], 1e-4, RandomDetectors.Width);
        }

        static Detection Scaled(Detection d, float x, float y) => d with { X1 = d.X1 * x, Y1 = d.Y1 * y, X2 = d.X2 * x, Y2 = d.Y2 * y };
    }

    /// <summary>Half precision has 11 bits: the scores of the best detections move by about a hundredth.</summary>
    [Theory]
    [InlineData("tiny")]
    [InlineData("ResNeXt")]
    public void Half_precision_stays_near(string name)
    {
        var model = RandomDetectors.Make(name);
        var postProcessing = new PostProcessingOptions { ScoreThreshold = 0.02f };
        using var single = new OnnxRunner(model, new() { ForPipeline = true, PostProcessing = postProcessing });
        using var half = new OnnxRunner(model, new() { ForPipeline = true, PostProcessing = postProcessing, Precision = Precision.Float16 });
        for (var seed = 0; seed < 4; seed++)
        {
            var image = RandomDetectors.Image(seed, 96, 64);
            AssertNear(single.Detect(image), half.Detect(image));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Half_precision_stays_near_in_batches_of_fixed_and_free_size(bool dynamic)
    {
        var model = RandomDetectors.Make("tiny");
        var options = new OnnxExportOptions { ScaleImages = false, BatchSize = dynamic ? null : OnnxRunner.Batch, PostProcessing = new() { ScoreThreshold = 0.02f } };
        RgbImage[] images = [RandomDetectors.Image(1, 192, 128), RandomDetectors.Image(2, 40, 64), RandomDetectors.Image(3, 96, 31)];
        using var single = new OnnxRunner(model, options);
        using var half = new OnnxRunner(model, options with { Precision = Precision.Float16 });
        foreach (var (exact, near) in single.DetectBatch(images, dynamic).Zip(half.DetectBatch(images, dynamic)))
            AssertNear(exact, near);
    }

    private static void AssertNear(IReadOnlyList<Detection> exact, IReadOnlyList<Detection> near)
    {
        Assert.NotEqual(exact, near);
        Assert.All(exact.Where(d => d.Score > exact[^1].Score + 0.02), d => Assert.Contains(near, other => other.Label == d.Label && Math.Abs(other.Score - d.Score) < 0.02
            && Math.Abs(other.X1 - d.X1) < 1 && Math.Abs(other.Y1 - d.Y1) < 1 && Math.Abs(other.X2 - d.X2) < 1 && Math.Abs(other.Y2 - d.Y2) < 1));
    }
}
