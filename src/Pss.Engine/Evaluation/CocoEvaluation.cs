namespace Pss.Engine.Evaluation;

/// <summary>The result of <see cref="CocoEvaluator"/>.</summary>
public sealed record CocoEvaluation
{
    private const double IouStep = (0.95 - 0.5) / 9;

    /// <summary>[10] the IoU thresholds 0.5, 0.55 ... 0.95, to the bit those of pycocotools: the ninth is 0.8999999999999999.</summary>
    public static IReadOnlyList<double> IouThresholds { get; } = [.. Enumerable.Range(0, 9).Select(i => 0.5 + i * IouStep), 0.95];

    /// <summary>[101] the recall thresholds 0, 0.01 ... 1, to the bit those of pycocotools: ten of them differ from i / 100.</summary>
    public static IReadOnlyList<double> RecallThresholds { get; } = [.. Enumerable.Range(0, 101).Select(i => i * 0.01)];

    /// <summary>The twelve metrics: each is the mean over the categories with objects that count for it.</summary>
    public required CocoSummary Summary { get; init; }

    /// <summary>Every category, by ascending id.</summary>
    public required IReadOnlyList<CategoryEvaluation> Categories { get; init; }

    /// <summary>[10] mean AP by IoU threshold, all sizes; -1 without objects.</summary>
    public required double[] AveragePrecisionByIou { get; init; }

    /// <summary>[10] mean recall by IoU threshold, all sizes; -1 without objects.</summary>
    public required double[] RecallByIou { get; init; }

    /// <summary>The matches by category and image; empty unless <see cref="CocoEvaluatorOptions.KeepMatches"/> is set. Only images with
    /// objects or detections of the category are listed.</summary>
    internal IReadOnlyList<ImageMatches> Matches { get; init; } = [];
}
