using Pss.Engine.Data;
using Pss.Engine.Evaluation;

namespace Pss.Engine.Reports;

/// <summary>The evaluation of one output of a detector.</summary>
/// <param name="Name">Its name, such as "end to end".</param>
/// <param name="Coco">The COCO metrics.</param>
/// <param name="Errors">The errors by kind, if analyzed.</param>
/// <param name="F1">F1 over the score threshold, if analyzed.</param>
/// <param name="Confusion">The confusion matrix at the best score threshold of <paramref name="F1"/>; null if it has none.</param>
internal sealed record ReportEvaluation(string Name, CocoEvaluation Coco, ErrorAnalysis? Errors = null, F1Analysis? F1 = null, ConfusionMatrix? Confusion = null)
{
    /// <summary>Analyzes the detections of one output.</summary>
    public static ReportEvaluation Of(string name, CocoEvaluation coco, DetectionDataset truth, IReadOnlyList<IReadOnlyList<Detection>> detections)
    {
        var f1 = F1Analysis.Of(truth, detections);
        return new(name, coco, ErrorAnalysis.Of(truth, detections), f1,
            f1.Total.Best is { } best ? ConfusionMatrix.Of(truth, detections, best.Threshold) : null);
    }
}
