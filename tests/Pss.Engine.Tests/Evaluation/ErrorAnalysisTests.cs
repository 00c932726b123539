using Pss.Engine.Data;
using Pss.Engine.Evaluation;
using Pss.Engine.Inference;

namespace Pss.Engine.Tests.Evaluation;

public sealed class ErrorAnalysisTests
{
    private static readonly DetectionDataset Dataset = new()
    {
        Categories = [new(1, "cat"), new(2, "dog")],
        Images =
        [
            new ImageRecord
            {
                Id = 1,
                FileName = "1.png",
                Width = 400,
                Height = 300,
                Objects =
                [
                    new ObjectAnnotation { Label = 0, Box = new(0, 0, 100, 100) },
                    new ObjectAnnotation { Label = 1, Box = new(200, 0, 100, 100) },
                    new ObjectAnnotation { Label = 0, Box = new(0, 200, 50, 50) },
                    new ObjectAnnotation { Label = 0, Box = new(200, 150, 200, 150), IsCrowd = true },
                ],
            },
        ],
    };

    [Fact]
    public void Every_detection_gets_its_kind_and_every_object_is_found_or_missed()
    {
        Detection[] detections =
        [
            new(0, 0, 98, 100, .8f, 0),         // second best on the first cat
            new(0, 0, 100, 100, .9f, 0),        // the first cat
            new(200, 0, 300, 95, .7f, 0),       // the dog, called a cat
            new(0, 200, 50, 215, .6f, 0),       // too flat for the second cat
            new(310, 160, 330, 180, .6f, 0),    // in the crowd
            new(310, 160, 330, 180, .6f, 1),    // no dogs there
            new(200, 0, 300, 100, .2f, 1),      // the dog, but unsure
        ];

        var errors = ErrorAnalysis.Of(Dataset, [detections]);

        Assert.Equal([DetectionOutcome.Duplicate, DetectionOutcome.Correct, DetectionOutcome.WrongClass, DetectionOutcome.PoorBox, DetectionOutcome.Ignored,
            DetectionOutcome.Background, null], errors.Images[0].Outcomes);
        Assert.Equal([true, false, false, false], errors.Images[0].Found);
        Assert.Equal(new ErrorCounts { Objects = 2, Correct = 1, Missed = 1, Duplicate = 1, WrongClass = 1, PoorBox = 1 }, errors.ByLabel[0]);
        Assert.Equal(new ErrorCounts { Objects = 1, Missed = 1, Background = 1 }, errors.ByLabel[1]);
        Assert.Equal(new ErrorCounts { Objects = 3, Correct = 1, Missed = 2, Duplicate = 1, WrongClass = 1, PoorBox = 1, Background = 1 }, errors.Total);
    }

    [Fact]
    public void A_lower_score_threshold_lets_the_unsure_in() =>
        Assert.Equal(1, ErrorAnalysis.Of(Dataset, [[new(200, 0, 300, 100, .2f, 1)]], new() { ScoreThreshold = .1 }).Total.Correct);

    [Theory]
    [InlineData(2, .5, .1, "ScoreThreshold")]
    [InlineData(.3, 0, .1, "IouThreshold")]
    [InlineData(.3, .5, .6, "PoorBoxIou")]
    public void Options_out_of_range_are_named(double score, double iou, double poor, string name) => Assert.Contains(name, Assert.ThrowsAny<ArgumentException>(
        () => ErrorAnalysis.Of(Dataset, [[]], new() { ScoreThreshold = score, IouThreshold = iou, PoorBoxIou = poor })).Message);

    [Fact]
    public void Detections_that_do_not_fit_the_dataset_are_refused() =>
        Assert.Contains("detections[0][0]: the label is 2", Assert.ThrowsAny<ArgumentException>(() => ErrorAnalysis.Of(Dataset, [[new(0, 0, 1, 1, .5f, 2)]])).Message);
}
