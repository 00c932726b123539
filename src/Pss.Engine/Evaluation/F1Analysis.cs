using Pss.Engine.Data;

namespace Pss.Engine.Evaluation;

/// <summary>F1 over the score threshold, at IoU 0.5: of each class, and micro-averaged, which adds up the counts of all classes at one threshold.</summary>
internal sealed record F1Analysis
{
    /// <summary>The micro-average over the classes.</summary>
    public required F1Curve Total { get; init; }

    /// <summary>The curve of each class, by label.</summary>
    public required IReadOnlyList<F1Curve> ByLabel { get; init; }

    /// <summary>Computes the curves. A match depends on higher scores alone, so that one matching serves all thresholds.</summary>
    /// <param name="dataset">The annotated images.</param>
    /// <param name="detections">The detections of each image, in the order of <see cref="DetectionDataset.Images"/>.</param>
    /// <exception cref="ArgumentException">The number of lists is not that of the images, or a label, box or score is invalid.</exception>
    public static F1Analysis Of(DetectionDataset dataset, IReadOnlyList<IReadOnlyList<Detection>> detections)
    {
        var errors = ErrorAnalysis.Of(dataset, detections, new() { ScoreThreshold = 0 });
        var (correct, wrong) = (NewCounts(), NewCounts());
        for (var i = 0; i < detections.Count; i++)
            for (var d = 0; d < detections[i].Count; d++)
                if (errors.Images[i].Outcomes[d] is { } outcome and not DetectionOutcome.Ignored)
                    (outcome == DetectionOutcome.Correct ? correct : wrong)[detections[i][d].Label][ScoreThresholds.Highest(detections[i][d].Score)]++;
        return new()
        {
            Total = F1Curve.From(errors.Total.Objects, Sum(correct), Sum(wrong)),
            ByLabel = [.. errors.ByLabel.Select((counts, label) => F1Curve.From(counts.Objects, correct[label], wrong[label]))],
        };

        int[][] NewCounts() => [.. dataset.Categories.Select(_ => new int[ScoreThresholds.Count])];
    }

    private static int[] Sum(int[][] counts) => [.. Enumerable.Range(0, ScoreThresholds.Count).Select(i => counts.Sum(ofClass => ofClass[i]))];
}
