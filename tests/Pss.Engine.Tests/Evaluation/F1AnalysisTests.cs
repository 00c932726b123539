using Pss.Engine.Data;
using Pss.Engine.Evaluation;

namespace Pss.Engine.Tests.Evaluation;

public sealed class F1AnalysisTests
{
    private static readonly DetectionDataset Dataset = new()
    {
        Categories = [new(1, "cat"), new(2, "dog"), new(3, "fish")],
        Images =
        [
            Image(1, new() { Label = 0, Box = new(0, 0, 10, 10) }, new() { Label = 1, Box = new(50, 0, 10, 10) }),
            Image(2, new() { Label = 0, Box = new(0, 0, 10, 10) }, new() { Label = 0, Box = new(50, 50, 40, 40), IsCrowd = true }),
        ],
    };

    private static readonly Detection[][] Detections =
    [
        [
            new(0, 0, 10, 10, .9f, 0),      // a cat
            new(0, 0, 10, 10, .5f, 0),      // the same cat again
            new(80, 80, 90, 90, .7f, 1),    // no dog
            new(50, 0, 60, 10, .4f, 1),     // a dog
        ],
        [
            new(0, 0, 10, 10, .6f, 0),      // a cat
            new(60, 60, 70, 70, .8f, 0),    // in the crowd: does not count
        ],
    ];

    [Fact]
    public void F1_of_all_classes_together_is_that_of_their_summed_counts()
    {
        var total = F1Analysis.Of(Dataset, Detections).Total;

        Assert.Equal(3, total.Objects);
        AssertValues(total, (.4, 3, 2, 0), (.5, 2, 2, 1), (.6, 2, 1, 1), (.7, 1, 1, 2), (.9, 1, 0, 2), (1, 0, 0, 3));
        // 0.75 up to a threshold of 0.4, of which 0.2 is the middle.
        Assert.Equal(new F1Point(.2, .75, .6, 1), total.Best);
    }

    [Fact]
    public void Every_class_has_its_own_best_threshold()
    {
        var byLabel = F1Analysis.Of(Dataset, Detections).ByLabel;

        AssertValues(byLabel[0], (.5, 2, 1, 0), (.6, 2, 0, 0), (.9, 1, 0, 1), (1, 0, 0, 2));
        Assert.Equal(new F1Point(.551, 1, 1, 1), byLabel[0].Best);
        AssertValues(byLabel[1], (.4, 1, 1, 0), (.7, 0, 1, 1), (1, 0, 0, 1));
        Assert.Equal(new F1Point(.2, 2 / 3.0, .5, 1), byLabel[1].Best);
    }

    [Fact]
    public void Without_objects_F1_is_not_defined_and_without_a_hit_there_is_no_best_threshold()
    {
        var nothing = F1Analysis.Of(Dataset, Detections).ByLabel[2];
        Assert.Empty(nothing.Values);
        Assert.Null(nothing.Best);

        var blind = F1Analysis.Of(Dataset, [[], []]).Total;
        Assert.All(blind.Values, value => Assert.Equal(0, value));
        Assert.Null(blind.Best);
    }

    [Fact]
    public void Every_score_reaches_the_threshold_of_its_decimals()
    {
        for (var i = 0; i < ScoreThresholds.Count; i++)
        {
            var score = (float)ScoreThresholds.At(i);
            Assert.Equal(i, ScoreThresholds.Highest(score));
            if (i > 0)
                Assert.Equal(i - 1, ScoreThresholds.Highest(MathF.BitDecrement(score)));
        }
        Assert.Equal(ScoreThresholds.Count - 1, ScoreThresholds.Highest(1.5f));
    }

    /// <summary>Compares with 2 TP / (2 TP + FP + FN) up to each threshold, from the one before.</summary>
    private static void AssertValues(F1Curve curve, params (double UpTo, int Correct, int Wrong, int Missed)[] steps)
    {
        var i = 0;
        foreach (var step in steps)
            for (; i < ScoreThresholds.Count && ScoreThresholds.At(i) <= step.UpTo; i++)
                Assert.Equal(2.0 * step.Correct / (2 * step.Correct + step.Wrong + step.Missed), curve.Values[i], 12);
        Assert.Equal(curve.Values.Count, i);
    }

    private static ImageRecord Image(long id, params ObjectAnnotation[] objects) =>
        new() { Id = id, FileName = $"{id}.png", Width = 100, Height = 100, Objects = objects };
}
