using Pss.Engine.Data;
using Pss.Engine.Data.Formats;
using Pss.Engine.Data.Images;
using Pss.Engine.Inference;
using Pss.Engine.Reports;
using Pss.Engine.Training;

namespace Pss.Benchmarks.Paper;

/// <summary>
/// The paper's figures as one HTML page per base detector: AP and AR by epoch of several runs in one chart (Figures 3 and 4), detections of the base detector
/// beside those with the selector (Figure 5), and the score heat maps of both (Figure 2).
/// </summary>
internal static class PaperFigures
{
    /// <summary>Makes the figures from the runs of `paper`, with its options, running those that are missing; or from two detector files and a dataset.</summary>
    public static void Run(string[] arguments)
    {
        var settings = PaperSettings.Parse(arguments) with { Seeds = 1 };
        if (settings.Base is not null || settings.Selector is not null || settings.Data is not null)
            OfFiles(settings);
        else
            OfRuns(settings);
    }

    private static void OfFiles(PaperSettings settings)
    {
        if (settings.Base is null || settings.Selector is null || settings.Data is null)
            throw new ArgumentException("--base, --selector and --data go together: two detector files and the annotations of the images.");
        var (plain, withPss, truth) = (DetectorModel.Load(settings.Base), DetectorModel.Load(settings.Selector), DetectionDataset.Load(settings.Data));
        Save(new(plain, withPss, truth, settings.Images), [], [], Path.Combine(settings.Folder, "figures", "comparison.html"));
    }

    private static void OfRuns(PaperSettings settings)
    {
        var network = PaperNetwork.Default;
        var training = new PaperTraining(network, settings);
        foreach (var kind in settings.Detectors)
        {
            PaperRow[] rows = [.. PaperTables.Rows(1, network).Concat(PaperTables.Rows(2, network)).Where(row => row.Options.Kind == kind).DistinctBy(training.Key)];
            if (new PaperRuns(settings, training).Complete(rows, Console.Out) > 0)
                throw new InvalidOperationException("Not every run that the figures show has finished.");
            var logs = rows.Select(row => (Name: Name(row), Log: TrainingProgress.ReadLog(training.FileOf(row, 0, TrainingProgress.LogFileName)))).ToArray();
            var (plain, withPss) = (Detector(rows[0]), Detector(rows[1]));
            Save(
                new(plain, withPss, training.Held, settings.Images),
                [.. logs.SelectMany(run => TrainingCurves.ApByEpoch(run.Log, $"{run.Name}, no NMS", $"{run.Name}, NMS"))],
                [.. logs.SelectMany(run => TrainingCurves.ArByEpoch(run.Log, $"{run.Name}, no NMS", $"{run.Name}, NMS"))],
                Path.Combine(settings.Folder, "figures", $"{kind}.html"));
        }

        DetectorModel Detector(PaperRow row) => DetectorModel.Load(training.FileOf(row, 0, TrainingOptions.CheckpointFileName));

        string Name(PaperRow row) => row.Options.Selector is { } selector ? $"{row.Detector} (stop-gradient {selector.StopGradient})" : row.Detector;
    }

    private static void Save(FigurePictures figures, IReadOnlyList<ReportSeries> ap, IReadOnlyList<ReportSeries> ar, string path)
    {
        HtmlReport.Save(figures.Create() with { ApByEpoch = ap, ArByEpoch = ar }, path);
        Console.WriteLine(path);
    }
}
