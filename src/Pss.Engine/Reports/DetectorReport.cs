using Pss.Engine.Data;
using Pss.Engine.Data.Augmentation;
using Pss.Engine.Data.Images;
using Pss.Engine.Evaluation;
using Pss.Engine.Inference;
using Pss.Engine.Training;

namespace Pss.Engine.Reports;

/// <summary>A report about a trained detector as one HTML page: its evaluation, training curves, score thresholds, errors, detections beside
/// ground truth and score heat maps.</summary>
public sealed record DetectorReport
{
    private const string EndToEnd = "end to end, no NMS";
    private const string OneToMany = "one to many, NMS";

    /// <summary>The heading.</summary>
    public required string Title { get; init; }

    /// <summary>The detector.</summary>
    public required DetectorModel Model { get; init; }

    /// <summary>The annotated images that it was evaluated on.</summary>
    public required DetectionDataset Truth { get; init; }

    /// <summary>The evaluation on <see cref="Truth"/>.</summary>
    public required DetectorEvaluation Evaluation { get; init; }

    /// <summary>The log of the training; without steps the curves are left out.</summary>
    public IReadOnlyList<TrainingProgress> Log { get; init; } = [];

    /// <summary>Number of pictures to show, 0 or more, spread evenly over the dataset.</summary>
    public int Pictures { get; init; } = 12;

    /// <summary>Options of the run by name and value, such as those of <see cref="TrainingSettings"/>; they follow the detector's own. Null takes what
    /// the log shows.</summary>
    public IReadOnlyList<(string Name, string Value)>? Settings { get; init; }

    /// <summary>When the report is made, shown as UTC in its header; null leaves it out, so that the same input gives the same page.</summary>
    public DateTimeOffset? Date { get; init; }

    /// <summary>The duration of the training, 0 or more; null takes an estimate from <see cref="Log"/>, which does not hold the time of evaluations.</summary>
    public TimeSpan? TrainingDuration { get; init; }

    /// <summary>Where the heat maps are computed: "cpu", "cuda", "cuda:1"; null takes the first GPU, or the CPU where there is none.</summary>
    public string? Device { get; init; }

    /// <summary>Writes the report to an HTML file that needs no other file: whole or not at all.</summary>
    /// <param name="path">The file; missing folders are created.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of pictures or the duration is negative.</exception>
    /// <exception cref="ArgumentException">The evaluation is not one of <see cref="Truth"/>; the message names what does not fit.</exception>
    public void Save(string path) => HtmlReport.Save(Create(), path);

    internal ReportData Create()
    {
        Check.AtLeast(Pictures, 0);
        ArgumentOutOfRangeException.ThrowIfLessThan(TrainingDuration ?? TimeSpan.Zero, TimeSpan.Zero, nameof(TrainingDuration));
        (string Name, CocoEvaluation Coco, IReadOnlyList<IReadOnlyList<Detection>> Found)[] outputs = Evaluation.EndToEnd is { } single
            ? [(EndToEnd, single, Evaluation.EndToEndDetections!), (OneToMany, Evaluation.OneToMany, Evaluation.OneToManyDetections)]
            : [(OneToMany, Evaluation.OneToMany, Evaluation.OneToManyDetections)];
        ReportEvaluation[] evaluations = [.. outputs.Select(output => ReportEvaluation.Of(output.Name, output.Coco, Truth, output.Found))];
        var (count, total) = (Math.Min(Pictures, Truth.Images.Count), Truth.Images.Count);
        var shown = Enumerable.Range(0, count).Select(i => i * total / count).ToArray();
        var images = shown.ToDictionary(i => i, i => Truth.LoadImage(Truth.Images[i], ImageDecoding.For(Model.Resize)));
        var pictures = images.ToDictionary(entry => entry.Key, entry => ReportPicture.Of(Truth.Images[entry.Key].FileName, entry.Value));
        return new()
        {
            Title = Title,
            Facts = ReportHeader.Facts(Model, Truth, Date, TrainingDuration, Log),
            Categories = Truth.Categories,
            Settings = [.. RunSettings.OfModel(Model).Concat(Settings ?? RunSettings.OfLog(Log)).Select(setting => new ReportSetting(setting.Name, setting.Value))],
            Losses = TrainingCurves.Losses(Log),
            LearningRate = TrainingCurves.LearningRate(Log),
            ApByEpoch = TrainingCurves.ApByEpoch(Log, EndToEnd, OneToMany),
            ArByEpoch = TrainingCurves.ArByEpoch(Log, EndToEnd, OneToMany),
            Evaluations = [.. evaluations, .. MaskEvaluations()],
            Images = total,
            Pictures = [.. shown.Select(i => new DetectionPicture
            {
                Picture = pictures[i],
                Objects = Truth.Images[i].Objects,
                Outputs = [.. outputs.Zip(evaluations, (output, evaluation) => new PictureDetections(output.Name, output.Found[i], evaluation.Errors!.Images[i]))],
            })],
            HeatMaps = Evaluation.EndToEnd is null || Model.Options.Selector is null ? [] : HeatMaps(images, pictures),
        };
    }

    private IEnumerable<ReportEvaluation> MaskEvaluations()
    {
        if (Evaluation.EndToEndMasks is { } single)
            yield return new("masks, end to end", single);
        if (Evaluation.OneToManyMasks is { } many)
            yield return new("masks, one to many", many);
    }

    /// <summary>The options of a training, for <see cref="Settings"/>.</summary>
    public static IReadOnlyList<(string Name, string Value)> TrainingSettings(TrainingOptions training, AugmentationOptions augmentation)
    {
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(augmentation);
        return RunSettings.OfTraining(training, augmentation);
    }

    private ScoreHeatMap[] HeatMaps(Dictionary<int, RgbImage> images, Dictionary<int, ReportPicture> pictures)
    {
        const int MaxHeatMaps = 2;
        using var detector = new Detector(Model, new() { Device = Device });
        return [.. images.Take(MaxHeatMaps).Select(entry =>
        {
            var (levels, geometry) = detector.Scores(entry.Value);
            return ScoreHeatMap.Of(pictures[entry.Key], geometry, levels, levels);
        })];
    }
}
