using Pss.Engine.Data.Images;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using Pss.Engine.Tests.Detectors;
using Pss.Engine.Weights;

namespace Pss.Engine.Tests.Inference;

/// <summary>
/// Over a thousand repetitions every tensor is disposed of, and memory stays where it is. A network of these tests has 0.4 MB of weights: one
/// of ten that stayed would show.
/// </summary>
[Collection(nameof(ResidentMemory))]
public sealed class MemoryTests
{
    private const int Repetitions = 1_000;
    private const double MostMegabytes = 30;

    [Fact]
    public void Networks_leave_nothing_behind()
    {
        var before = LiveTensors.OfThread;
        var growth = ResidentMemory.Growth(100, Repetitions, MostMegabytes, () =>
        {
            using var network = SmallDetectors.FcosPss.Build();
            network.FoldBatchNorm();
        });
        Assert.Equal(before, LiveTensors.OfThread);
        Assert.InRange(growth, double.NegativeInfinity, MostMegabytes);
    }

    [Theory]
    [InlineData(DetectionMode.EndToEnd, Precision.Float32)]
    [InlineData(DetectionMode.OneToMany, Precision.BFloat16)]
    public void Detectors_and_their_detections_leave_nothing_behind(DetectionMode mode, Precision precision)
    {
        DetectorModel model;
        using (var network = SmallDetectors.FcosPss.Build())
            model = new(SmallDetectors.FcosPss, ["a", "b", "c"], Resize.Letterbox(64, 64), NetworkWeights.Save(network));
        var image = new RgbImage(50, 60);
        var before = LiveTensors.OfThread;
        var growth = ResidentMemory.Growth(50, Repetitions / 4, MostMegabytes, () =>
        {
            using var detector = new Detector(model, new() { Device = "cpu", Precision = precision, PostProcessing = new() { Mode = mode, CandidateThreshold = 0 } });
            for (var i = 0; i < 4; i++)
                Assert.NotEmpty(detector.Detect(image));
        });
        Assert.Equal(before, LiveTensors.OfThread);
        Assert.InRange(growth, double.NegativeInfinity, MostMegabytes);
    }
}
