using System.Diagnostics;
using Pss.Engine.Training;

namespace Pss.MLNet;

/// <summary>Logs a step every ten seconds, every evaluation, the first and the last step, and forwards all steps.</summary>
internal sealed class ProgressLog(Log log, IProgress<TrainingProgress>? next) : IProgress<TrainingProgress>
{
    /// <summary>The first steps are slow: an estimate from them would be wrong.</summary>
    private const int StepsToSettle = 20;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private long _last;

    public void Report(TrainingProgress value)
    {
        if (_last == 0)
            log.Info($"Trains in {value.Precision}, in passes of {value.BatchSize} images.");
        if (_last == 0 || Stopwatch.GetElapsedTime(_last) >= Interval || value.Evaluation is not null || value.Step == value.Steps)
        {
            log.Info(Line(value));
            _last = Stopwatch.GetTimestamp();
        }
        next?.Report(value);
    }

    private static string Line(TrainingProgress value)
    {
        var line = FormattableString.Invariant(
            $"epoch {value.Epoch + 1}/{value.Epochs}, step {value.Step}/{value.Steps}, loss {value.Losses["total"]:f4}, rate {value.LearningRate:g3}, {value.ImagesPerSecond:f1} images/s");
        if (value.Step >= StepsToSettle)
            line += FormattableString.Invariant($", {value.TimeLeft:hh\\:mm\\:ss} left");
        return value.Evaluation is { } metrics
            ? line + FormattableString.Invariant($", AP {metrics.EndToEndAp ?? metrics.OneToManyAp:f4}, AP50 {metrics.EndToEndAp50 ?? metrics.OneToManyAp50:f4}")
                + ((metrics.EndToEndMaskAp ?? metrics.OneToManyMaskAp) is { } masks ? FormattableString.Invariant($", mask AP {masks:f4}") : "")
                + (metrics.StopsEarly ? FormattableString.Invariant($"; ends here, the highest AP is that of epoch {metrics.BestEpoch + 1}") : "")
            : line;
    }
}
