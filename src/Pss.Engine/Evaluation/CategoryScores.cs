using Pss.Engine.Data;

namespace Pss.Engine.Evaluation;

/// <summary>The metrics of one category by area range (all, small, medium, large) and IoU threshold; -1 where no object counts.</summary>
internal sealed class CategoryScores
{
    private static readonly int Thresholds = CocoEvaluation.IouThresholds.Count;

    /// <summary>[range]</summary>
    public required int[] Objects { get; init; }

    public required int Detections { get; init; }

    public required IReadOnlyList<ImageMatches> Matches { get; init; }

    /// <summary>[range][IoU], at the last limit of detections.</summary>
    public double[][] Precision { get; } = Table(AreaRanges.Count, Thresholds);

    /// <summary>[range][limit of detections][IoU]</summary>
    public double[][][] Recall { get; } = [.. Enumerable.Range(0, AreaRanges.Count).Select(_ => Table(3, Thresholds))];

    /// <summary>[IoU][recall], all sizes.</summary>
    public double[][] PrecisionCurve { get; } = Table(Thresholds, CocoEvaluation.RecallThresholds.Count);

    /// <summary>[IoU][recall], all sizes.</summary>
    public double[][] ScoreCurve { get; } = Table(Thresholds, CocoEvaluation.RecallThresholds.Count);

    public CategoryEvaluation ToEvaluation(Category category) => new()
    {
        Category = category,
        Summary = Summarize([this]),
        Objects = Objects,
        Detections = Detections,
        AveragePrecisionByIou = Precision[0],
        RecallByIou = Recall[0][^1],
        Precision = PrecisionCurve,
        Scores = ScoreCurve,
    };

    public static CocoSummary Summarize(IReadOnlyList<CategoryScores> all) => new()
    {
        AP = Mean(all.SelectMany(score => score.Precision[0])),
        AP50 = Mean(all.Select(score => score.Precision[0][0])),
        AP75 = Mean(all.Select(score => score.Precision[0][5])),
        APSmall = Mean(all.SelectMany(score => score.Precision[1])),
        APMedium = Mean(all.SelectMany(score => score.Precision[2])),
        APLarge = Mean(all.SelectMany(score => score.Precision[3])),
        AR1 = Mean(all.SelectMany(score => score.Recall[0][0])),
        AR10 = Mean(all.SelectMany(score => score.Recall[0][1])),
        AR100 = Mean(all.SelectMany(score => score.Recall[0][2])),
        ARSmall = Mean(all.SelectMany(score => score.Recall[1][2])),
        ARMedium = Mean(all.SelectMany(score => score.Recall[2][2])),
        ARLarge = Mean(all.SelectMany(score => score.Recall[3][2])),
    };

    public static double[] MeanByIou(IReadOnlyList<CategoryScores> all, Func<CategoryScores, double[]> values) =>
        [.. Enumerable.Range(0, Thresholds).Select(t => Mean(all.Select(score => values(score)[t])))];

    private static double Mean(IEnumerable<double> values) => values.Where(value => value >= 0).DefaultIfEmpty(-1).Average();

    private static double[][] Table(int rows, int columns)
    {
        var table = new double[rows][];
        for (var row = 0; row < rows; row++)
            Array.Fill(table[row] = new double[columns], -1);
        return table;
    }
}
