using Pss.Engine.Data;

namespace Pss.Engine.Evaluation;

/// <summary>The metrics of one category. Arrays by IoU follow <see cref="CocoEvaluation.IouThresholds"/>, arrays by recall
/// <see cref="CocoEvaluation.RecallThresholds"/>.</summary>
public sealed record CategoryEvaluation
{
    /// <summary>The category.</summary>
    public required Category Category { get; init; }

    /// <summary>The twelve metrics of this category; -1 if no object counts.</summary>
    public required CocoSummary Summary { get; init; }

    /// <summary>[4] objects that count, which crowds do not: of all sizes, small, medium, large. An object whose area is exactly a limit counts in
    /// two ranges.</summary>
    public required int[] Objects { get; init; }

    /// <summary>Number of evaluated detections: at most the last of <see cref="CocoEvaluatorOptions.MaxDetections"/> per image.</summary>
    public required int Detections { get; init; }

    /// <summary>[10] average precision by IoU threshold, all sizes; -1 without objects.</summary>
    public required double[] AveragePrecisionByIou { get; init; }

    /// <summary>[10] recall at the last detection limit by IoU threshold, all sizes; -1 without objects.</summary>
    public required double[] RecallByIou { get; init; }

    /// <summary>[10][101] the precision-recall curve of each IoU threshold, all sizes: interpolated precision at each recall threshold, 0 where
    /// the recall is not reached; all values are -1 without objects.</summary>
    public required double[][] Precision { get; init; }

    /// <summary>[10][101] the score at which each recall threshold is reached, 0 where it is not; all values are -1 without objects.</summary>
    public required double[][] Scores { get; init; }
}
