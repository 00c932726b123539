using System.Globalization;
using Pss.Engine.Data;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using Pss.Engine.Training;

namespace Pss.Engine.Reports;

/// <summary>Model, data, date and duration for the head of the page.</summary>
internal static class ReportHeader
{
    private const int NamedClasses = 6;

    public static IReadOnlyList<ReportSetting> Facts(
        DetectorModel model, DetectionDataset truth, DateTimeOffset? date, TimeSpan? duration, IReadOnlyList<TrainingProgress> log)
    {
        List<ReportSetting> facts =
        [
            new("Detector", Name(model.Options)),
            new("Backbone", RunSettings.Backbone(model.Options.Backbone)),
            new("Parameters", RunSettings.Parameters(model).ToString("N0", CultureInfo.InvariantCulture)),
            new("Input", model.Resize.ToString()),
            new("Classes", Classes(model.Classes)),
            new("Data", $"{truth.Name}: {Markup.Count(truth.Images.Count, "image")}, {Markup.Count(truth.ObjectCount, "object")}"),
            new("Training", Training(duration, log)),
        ];
        if (date is { } at)
            facts.Add(new("Date", at.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)));
        return facts;
    }

    private static string Name(DetectorOptions options) =>
        options.Selector is not null ? $"{options.Kind}_PSS" : options.IsEndToEnd ? options.Kind : $"{options.Kind}, without PSS";

    private static string Classes(IReadOnlyList<string> names) => $"{Markup.Count(names.Count)}: {string.Join(", ", names.Take(NamedClasses))}" +
        (names.Count > NamedClasses ? $" and {Markup.Count(names.Count - NamedClasses)} more" : "");

    private static string Training(TimeSpan? duration, IReadOnlyList<TrainingProgress> log)
    {
        var epochs = log.Count == 0 ? "" : $", {Markup.Count(log[^1].Epoch + 1, "epoch")}";
        if (duration is { } given)
            return Text(given) + epochs;
        if (log.Count == 0)
            return "– (no log of the training)";
        return TrainingCurves.Duration(log) is { } estimate ? $"about {Text(estimate)} without evaluations{epochs}" : $"– (the log tells no time){epochs}";
    }

    private static string Text(TimeSpan time) => time switch
    {
        { TotalMinutes: < 1 } => FormattableString.Invariant($"{time.TotalSeconds:0} s"),
        { TotalHours: < 1 } => FormattableString.Invariant($"{time.Minutes} min {time.Seconds} s"),
        _ => FormattableString.Invariant($"{Math.Floor(time.TotalHours):N0} h {time.Minutes} min"),
    };
}
