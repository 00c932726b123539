using System.Globalization;
using Pss.Engine.Data;
using Pss.Engine.Data.Augmentation;
using Pss.Engine.Data.Images;
using Pss.Engine.Evaluation;
using Pss.Engine.Inference;
using Pss.Engine.Training;

namespace Pss.Engine.Reports;

/// <summary>Gathers what a report shows from a trained detector, its evaluation and its log.</summary>
public static class DetectorReport
{
    private const int JpegQuality = 85;

    /// <summary>Everything at hand in one report.</summary>
    /// <param name="title">The heading.</param>
    /// <param name="model">The detector.</param>
    /// <param name="truth">The annotations it was evaluated on.</param>
    /// <param name="load">Decodes the image of that index into <see cref="DetectionDataset.Images"/>.</param>
    /// <param name="evaluation">Its evaluation.</param>
    /// <param name="log">The steps of its training; empty leaves the curves out.</param>
    /// <param name="pictures">Pictures to show, spread over the dataset.</param>
    /// <param name="settings">More options of the run, such as those of <see cref="TrainingSettings"/>; they follow the detector's own.</param>
    /// <param name="device">Where the heat maps are computed: "cpu", "cuda", "cuda:1"; null takes the first GPU, or the CPU where there is none.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of pictures is negative.</exception>
    public static ReportData Create(
        string title, DetectorModel model, DetectionDataset truth, Func<int, RgbImage> load, DetectorEvaluation evaluation,
        IReadOnlyList<TrainingProgress> log, int pictures = 12, IReadOnlyList<ReportSetting>? settings = null, string? device = null)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        ArgumentOutOfRangeException.ThrowIfNegative(pictures);
        (string Name, CocoEvaluation Coco, IReadOnlyList<IReadOnlyList<Detection>> Found)[] outputs = evaluation.EndToEnd is { } single
            ? [("end to end, no NMS", single, evaluation.EndToEndDetections!), ("one to many, NMS", evaluation.OneToMany, evaluation.OneToManyDetections)]
            : [("one to many, NMS", evaluation.OneToMany, evaluation.OneToManyDetections)];
        var errors = outputs.Select(output => ErrorAnalysis.Of(truth, output.Found)).ToArray();
        var shown = Enumerable.Range(0, Math.Min(pictures, truth.Images.Count)).Select(i => i * truth.Images.Count / Math.Min(pictures, truth.Images.Count)).ToArray();
        var images = shown.ToDictionary(i => i, load);
        return new()
        {
            Title = title,
            Subtitle = $"{truth.Images.Count} images, {truth.Images.Sum(image => image.Objects.Count)} objects, {truth.Categories.Count} {(truth.Categories.Count == 1 ? "class" : "classes")}",
            Categories = truth.Categories,
            Settings = [.. Settings(model), .. settings ?? LoggedSettings(log)],
            Losses = Losses(log),
            LearningRate = log.Count == 0 ? null : new("learning rate", [.. log.Select(step => (double)step.Step)], [.. log.Select(step => step.LearningRate)]),
            ApByEpoch = ApByEpoch(log),
            Evaluations = [.. outputs.Zip(errors, (output, error) => new ReportEvaluation(output.Name, output.Coco, error))],
            Pictures = [.. shown.Select(i => new DetectionPicture
            {
                Picture = Picture(truth.Images[i], images[i]),
                Objects = truth.Images[i].Objects,
                Outputs = [.. outputs.Zip(errors, (output, error) => new PictureDetections(output.Name, output.Found[i], error.Images[i]))],
            })],
            HeatMaps = evaluation.EndToEnd is null ? [] : HeatMaps(model, truth, images, device),
        };
    }

    /// <summary>The options of a training, for a report.</summary>
    public static IReadOnlyList<ReportSetting> TrainingSettings(TrainingOptions training, AugmentationOptions augmentation)
    {
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(augmentation);
        var schedule = training.Schedule;
        return
        [
            new("epochs", Text($"{schedule.Epochs}, rate x {schedule.DecayFactor} after {string.Join(", ", schedule.DecayEpochs)}")),
            new("learning rate", Text($"{training.LearningRate * training.NominalBatch / training.ReferenceBatch}, {schedule.WarmUpSteps} steps of warm-up")),
            new("batch", Text($"{training.NominalBatch} images in passes of {training.BatchSize}")),
            new("momentum, weight decay", Text($"{training.Momentum}, {training.WeightDecay}")),
            new("trained part", training.Part.ToString()),
            new("seed", Text($"{training.Seed}")),
            new("training sizes", string.Join(", ", augmentation.Sizes.Select(Size))),
            new("flips", Text($"{100 * augmentation.HorizontalFlip:0.#} % left to right, {100 * augmentation.VerticalFlip:0.#} % upside down")),
            new("crops", Text($"{100 * augmentation.Crop:0.#} %")),
            new("color", Text($"brightness {augmentation.Brightness}, contrast {augmentation.Contrast}, saturation {augmentation.Saturation}, hue {augmentation.Hue}")),
        ];
    }

    /// <summary>What the log alone tells about the training.</summary>
    private static ReportSetting[] LoggedSettings(IReadOnlyList<TrainingProgress> log) => log.Count == 0 ? [] :
    [
        new("epochs", Text($"{log[^1].Epoch + 1} of {log[^1].Epochs}")),
        new("steps", Text($"{log[^1].Step:N0} of {log[^1].Steps:N0}")),
        new("highest learning rate", Text($"{log.Max(step => step.LearningRate):0.######}")),
    ];

    private static string Size(Resize resize) => resize switch
    {
        ShortestEdgeResize edge => Text($"short side {edge.Shortest}, long side up to {edge.Longest}"),
        LetterboxResize box => Text($"letterbox {box.Width} x {box.Height}"),
        _ => resize.ToString(),
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static ReportPicture Picture(ImageRecord record, RgbImage image)
        => new(record.FileName, ImageEncoder.Jpeg(image, JpegQuality), image.FullWidth, image.FullHeight);

    private static ScoreHeatMap[] HeatMaps(DetectorModel model, DetectionDataset truth, Dictionary<int, RgbImage> images, string? device)
    {
        const int Most = 2;
        using var detector = new Detector(model, new() { Device = device });
        return [.. images.Take(Most).Select(entry =>
        {
            var (levels, geometry) = detector.Scores(entry.Value);
            return new ScoreHeatMap(Picture(truth.Images[entry.Key], entry.Value), [.. levels.Select((level, i) => new HeatMapLevel
            {
                Name = $"P{i + 3}",
                Rows = level.Rows,
                Columns = level.Columns,
                CellWidth = level.Stride / geometry.ScaleX,
                CellHeight = level.Stride / geometry.ScaleY,
                Plain = level.OneToMany,
                WithPss = level.EndToEnd,
            })]);
        })];
    }

    private static ReportSeries[] Losses(IReadOnlyList<TrainingProgress> log)
        => log.Count == 0 ? [] : [.. log[0].Losses.Keys.Select(name =>
            new ReportSeries(name, [.. log.Select(step => (double)step.Step)], [.. log.Select(step => step.Losses[name])]))];

    private static ReportSeries[] ApByEpoch(IReadOnlyList<TrainingProgress> log)
    {
        var evaluated = log.Where(step => step.Evaluation is not null).ToArray();
        return [.. new[] { Series("end to end, no NMS", e => e.EndToEndAp), Series("one to many, NMS", e => e.OneToManyAp) }.Where(series => series.X.Count > 1)];

        ReportSeries Series(string name, Func<EpochEvaluation, double?> ap)
        {
            var points = evaluated.Where(step => ap(step.Evaluation!) is not null).ToArray();
            return new(name, [.. points.Select(step => step.Epoch + 1.0)], [.. points.Select(step => ap(step.Evaluation!)!.Value)]);
        }
    }

    private static ReportSetting[] Settings(DetectorModel model)
    {
        var options = model.Options;
        var selector = options.Selector;
        return
        [
            new("classes", string.Join(", ", model.Classes)),
            new("input size", Size(model.Resize)),
            new("backbone", $"ResNet, {options.Backbone.Block} x {string.Join("-", options.Backbone.Layers)}, width {options.Backbone.Width}, {options.Backbone.Normalization}"),
            new("pyramid", $"{options.Pyramid.Channels} channels, P6 from {options.Pyramid.P6Source}"),
            new("head", $"{options.Head.Convolutions} convolutions, {options.BoxEncoding}"),
            new("detector", options.Kind),
            new("selector", selector is null ? "none" : $"{selector.HiddenConvolutions} hidden convolutions on the {selector.Input} tower, stop-gradient {selector.StopGradient}"),
            new("parameters", model.Weights.Tensors.Sum(array => array.Count).ToString("N0", CultureInfo.InvariantCulture)),
        ];
    }
}
