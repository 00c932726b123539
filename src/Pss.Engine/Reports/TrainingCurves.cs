using Pss.Engine.Data.Augmentation;
using Pss.Engine.Training;

namespace Pss.Engine.Reports;

/// <summary>Curves and duration of a training, from its log.</summary>
internal static class TrainingCurves
{
    public static ReportSeries? LearningRate(IReadOnlyList<TrainingProgress> log)
        => log.Count == 0 ? null : new("learning rate", [.. log.Select(step => (double)step.Step)], [.. log.Select(step => step.LearningRate)]);

    public static ReportSeries[] Losses(IReadOnlyList<TrainingProgress> log)
        => log.Count == 0 ? [] : [.. log[0].Losses.Keys.Select(name =>
            new ReportSeries(name, [.. log.Select(step => (double)step.Step)], [.. log.Select(step => step.Losses[name])]))];

    /// <summary>AP of both outputs by epoch, from 1; outputs that were not evaluated are left out.</summary>
    public static ReportSeries[] ApByEpoch(IReadOnlyList<TrainingProgress> log, string endToEnd, string oneToMany)
        => ByEpoch(log, (endToEnd, evaluation => evaluation.EndToEndAp), (oneToMany, evaluation => evaluation.OneToManyAp));

    /// <summary>AR of both outputs by epoch, as <see cref="ApByEpoch"/>.</summary>
    public static ReportSeries[] ArByEpoch(IReadOnlyList<TrainingProgress> log, string endToEnd, string oneToMany)
        => ByEpoch(log, (endToEnd, evaluation => evaluation.EndToEndAr), (oneToMany, evaluation => evaluation.OneToManyAr));

    private static ReportSeries[] ByEpoch(IReadOnlyList<TrainingProgress> log, params (string Name, Func<EpochEvaluation, double?> Value)[] outputs)
    {
        return [.. outputs.Select(output => Series(output.Name, output.Value)).Where(series => series.X.Count > 0)];

        ReportSeries Series(string name, Func<EpochEvaluation, double?> value)
        {
            var points = log.Where(step => step.Evaluation is not null && value(step.Evaluation) is not null).ToArray();
            return new(name, [.. points.Select(step => step.Epoch + 1.0)], [.. points.Select(step => value(step.Evaluation!)!.Value)]);
        }
    }

    /// <summary>The time that the steps took, without evaluations; null if the log does not tell. The log holds no times, but each step's
    /// images per second; the images of a step follow from its estimate of the time left, which counts steps at half size as less (<see cref="AugmentationOptions.HalfSizeShare"/>).</summary>
    public static TimeSpan? Duration(IReadOnlyList<TrainingProgress> log)
    {
        var images = log.Where(progress => progress.Steps > progress.Step)
            .Select(progress => progress.TimeLeft.TotalSeconds * progress.ImagesPerSecond / (progress.Steps - progress.Step)).DefaultIfEmpty().Min();
        var (seconds, last) = (0.0, 0L);
        foreach (var progress in log.Where(progress => progress.ImagesPerSecond > 0))
        {
            seconds += (progress.Step - last) * images / progress.ImagesPerSecond;
            last = progress.Step;
        }
        return seconds > 0 ? TimeSpan.FromSeconds(seconds) : null;
    }
}
