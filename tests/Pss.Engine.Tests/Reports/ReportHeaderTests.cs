using Pss.Engine.Data;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using Pss.Engine.Reports;
using Pss.Engine.Training;
using Pss.Engine.Weights;

namespace Pss.Engine.Tests.Reports;

public sealed class ReportHeaderTests
{
    private static readonly DetectorModel Model = new(DetectorOptions.FcosPss(2), ["cat", "dog"], Pss.Engine.Data.Images.Resize.Letterbox(64, 48), new WeightFile([]));
    private static readonly DetectionDataset Truth = new() { Name = "pets", Categories = [new(1, "cat"), new(2, "dog")], Images = [] };

    [Fact]
    public void It_names_model_data_date_and_duration()
    {
        var facts = Facts(new DateTimeOffset(2026, 3, 1, 1, 30, 0, TimeSpan.FromHours(2)), TimeSpan.FromMinutes(125), []);

        Assert.Equal("FCOS_PSS", facts["Detector"]);
        Assert.Equal("ResNet-50", facts["Backbone"]);
        Assert.Equal("letterbox 64 x 48", facts["Input"]);
        Assert.Equal("2: cat, dog", facts["Classes"]);
        Assert.Equal("pets: 0 images, 0 objects", facts["Data"]);
        Assert.Equal("2026-02-28 23:30 UTC", facts["Date"]);
        Assert.Equal("2 h 5 min", facts["Training"]);
    }

    [Fact]
    public void Without_a_duration_the_log_gives_an_estimate()
    {
        // 10 steps of 8 images in all: six of 4 seconds, then four of 8.
        TrainingProgress[] log = [Step(6, 16, 2), Step(9, 8, 1), Step(10, 0, 1)];
        Assert.Equal(TimeSpan.FromSeconds(56), TrainingCurves.Duration(log));
        // The first six at half size: the four others count as sixteen of these.
        Assert.Equal(TimeSpan.FromSeconds(56), TrainingCurves.Duration([Step(6, 64, 2), .. log[1..]]));
        Assert.Equal("about 56 s without evaluations, 1 epoch", Facts(null, null, log)["Training"]);
        Assert.Null(TrainingCurves.Duration([Step(10, 0, 1)]));
    }

    [Fact]
    public void Without_log_and_date_it_says_so_or_leaves_it_out()
    {
        var facts = Facts(null, null, []);
        Assert.Equal("– (no log of the training)", facts["Training"]);
        Assert.DoesNotContain("Date", facts.Keys);
    }

    private static Dictionary<string, string> Facts(DateTimeOffset? date, TimeSpan? duration, TrainingProgress[] log) =>
        ReportHeader.Facts(Model, Truth, date, duration, log).ToDictionary(fact => fact.Name, fact => fact.Value);

    private static TrainingProgress Step(long step, double secondsLeft, double imagesPerSecond) =>
        new(0, 1, step, 10, .01, new Dictionary<string, double>(), 1, imagesPerSecond, TimeSpan.FromSeconds(secondsLeft), null);
}
