using Pss.Engine.Boxes;
using Pss.Engine.Data;
using Pss.Engine.Data.Images;
using Pss.Engine.Inference;
using Pss.Engine.Losses;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Training;

/// <summary>Work beside a thread that collects garbage all the time: nothing that native code still reads may be freed.</summary>
public sealed class CollectionTests
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(4);

    [Fact]
    public void Training_and_detection_end_the_same() => SameBesideCollections(TrainAndDetect);

    // Small tensors, so that most of the time is spent on the way into and out of the native code.
    [Fact]
    public void Boxes_and_losses_are_the_same() => SameBesideCollections(BoxesAndLosses);

    private static void SameBesideCollections<T>(Func<List<T>> work)
    {
        var expected = work();
        var end = DateTime.UtcNow + Duration;
        var collections = 0;
        var collector = new Thread(() =>
        {
            for (; DateTime.UtcNow < end; collections++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        });
        collector.Start();
        try
        {
            while (DateTime.UtcNow < end)
                Assert.Equal(expected, work());
        }
        finally
        {
            collector.Join();
        }
        Assert.True(collections > 100, $"{collections} collections");
    }

    private static List<Detection> TrainAndDetect()
    {
        var pictures = new TinyDetector.Squares(8);
        var training = TinyDetector.Training with { Schedule = new() { Epochs = 1, DecayEpochs = [], WarmUpSteps = 0 }, Workers = 1 };
        var model = TinyDetector.Trainer(training).Train(pictures, TinyDetector.Classes);
        RgbImage[] images = [.. Enumerable.Range(0, 4).Select(i => pictures.Load(i).Image)];
        return [.. Enum.GetValues<DetectionMode>().SelectMany(mode =>
        {
            using var detector = new Detector(model, new() { Device = "cpu", PostProcessing = new() { Mode = mode, CandidateThreshold = 0 } });
            return images.SelectMany(detector.Detect).ToArray();
        })];
    }

    private static List<float> BoxesAndLosses()
    {
        var values = new List<float>();
        for (var i = 0; i < 100; i++)
        {
            using var scope = NewDisposeScope();
            var grid = AnchorPoints.Create([new(2, 2, 8)], PointOffset.HalfStride, CPU);
            var anchors = DeltaCoder.Anchors(grid.Points, grid.Strides, 8);
            var coded = BoxCoder.For(BoxEncoding.Deltas).Encode(anchors, grid.Points, grid.Strides);
            var boxes = BoxCoder.For(BoxEncoding.Deltas).Decode(coded, grid.Points, grid.Strides);
            var loss = FocalLoss.Elementwise(BoxOps.GeneralizedIou(boxes, anchors), BoxOps.Area(boxes).sigmoid());
            values.Add(loss.sum().data<float>()[0]);
        }
        return values;
    }
}
