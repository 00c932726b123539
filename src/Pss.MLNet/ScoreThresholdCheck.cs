using Microsoft.ML;
using Pss.Engine.Data;
using Pss.MLNet.Scoring;

namespace Pss.MLNet;

/// <summary>Warns if the detections of an evaluation were made with a score threshold, which lowers recall and AP.</summary>
internal static class ScoreThresholdCheck
{
    // A detector that keeps its 100 best detections of every image has scores far below this.
    private const float LowScore = 0.05f;

    public static void Warn(DataViewSchema.Column scores, IReadOnlyList<IReadOnlyList<Detection>> detections, Log log)
    {
        const string advice = $"recall and AP are too low: score with {nameof(PssDetectionOptions.ScoreThreshold)} = 0 for evaluation.";
        if (DetectionColumns.ScoreThreshold(scores) is { } threshold)
        {
            if (threshold > 0)
                log.Warning(FormattableString.Invariant($"Column '{scores.Name}' was scored with {nameof(PssDetectionOptions.ScoreThreshold)} {threshold}; {advice}"));
            return;
        }
        var lowest = detections.SelectMany(image => image).Select(detection => detection.Score).DefaultIfEmpty().Min();
        if (lowest >= LowScore)
            log.Warning(FormattableString.Invariant($"No detection in column '{scores.Name}' has a score below {lowest}. If they were made with a score threshold, {advice}"));
    }
}
