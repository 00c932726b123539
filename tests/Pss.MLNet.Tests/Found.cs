using Microsoft.ML;

namespace Pss.MLNet.Tests;

/// <summary>What is read of a scored row.</summary>
internal sealed class Found
{
    public float Number { get; set; }

    public string ImagePath { get; set; } = "";

    public uint[] PredictedLabel { get; set; } = [];

    public float[] PredictedBoundingBoxes { get; set; } = [];

    public float[] Score { get; set; } = [];

    public static Found[] Of(MLContext context, IDataView scored) => [.. context.Data.CreateEnumerable<Found>(scored, reuseRowObject: false)];

    /// <summary>Same rows, same detections, to the last bit.</summary>
    public static void AssertSame(IEnumerable<Found> expected, IEnumerable<Found> found)
    {
        var (a, b) = (expected.ToArray(), found.ToArray());
        Assert.Equal(a.Select(row => row.Number), b.Select(row => row.Number));
        foreach (var (x, y) in a.Zip(b))
        {
            Assert.Equal(x.PredictedLabel, y.PredictedLabel);
            Assert.Equal(x.PredictedBoundingBoxes, y.PredictedBoundingBoxes);
            Assert.Equal(x.Score, y.Score);
        }
    }

    /// <summary>Same rows, same detections, but for the rounding of another batch.</summary>
    public static void AssertClose(IEnumerable<Found> expected, IEnumerable<Found> found, float boxes = 0.01f, float scores = 1e-5f)
    {
        var (a, b) = (expected.ToArray(), found.ToArray());
        Assert.Equal(a.Select(row => row.Number), b.Select(row => row.Number));
        foreach (var (x, y) in a.Zip(b))
        {
            Assert.Equal(x.PredictedLabel, y.PredictedLabel);
            Assert.All(x.PredictedBoundingBoxes.Zip(y.PredictedBoundingBoxes), pair => Assert.InRange(pair.Second, pair.First - boxes, pair.First + boxes));
            Assert.All(x.Score.Zip(y.Score), pair => Assert.InRange(pair.Second, pair.First - scores, pair.First + scores));
        }
    }
}
