using Pss.Engine.Training;

namespace Pss.MLNet;

/// <summary>Logs every 50th training step, every evaluation and the last step, and forwards all steps.</summary>
internal sealed class ProgressLog(Log log, IProgress<TrainingProgress>? next) : IProgress<TrainingProgress>
{
    private const int Interval = 50;

    public void Report(TrainingProgress value)
    {
        if (value.Step % Interval == 1 || value.Evaluation is not null || value.Step == value.Steps)
            log.Info(Line(value));
        next?.Report(value);
    }

    private static string Line(TrainingProgress value)
    {
        var line = FormattableString.Invariant(
            $"epoch {value.Epoch + 1}/{value.Epochs}, step {value.Step}/{value.Steps}, loss {value.Losses["total"]:f4}, rate {value.LearningRate:g3}, {value.ImagesPerSecond:f1} images/s, {value.TimeLeft:hh\\:mm\\:ss} left");
        return value.Evaluation is { } metrics
            ? line + FormattableString.Invariant($", AP {metrics.EndToEndAp ?? metrics.OneToManyAp:f4}, AP50 {metrics.EndToEndAp50 ?? metrics.OneToManyAp50:f4}")
            : line;
    }
}
