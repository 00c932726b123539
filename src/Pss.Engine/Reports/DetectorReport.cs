using System.Globalization;
using Pss.Engine.Data;
using Pss.Engine.Data.Augmentation;
using Pss.Engine.Data.Images;
using Pss.Engine.Evaluation;
using Pss.Engine.Inference;
using Pss.Engine.Training;

namespace Pss.Engine.Reports;

/// <summary>A report about a trained detector as one HTML page: its evaluation, training curves, errors by kind, detections beside ground truth and
/// score heat maps.</summary>
public sealed record DetectorReport
{
    private const int JpegQuality = 85;
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

    /// <summary>Where the heat maps are computed: "cpu", "cuda", "cuda:1"; null takes the first GPU, or the CPU where there is none.</summary>
    public string? Device { get; init; }

    /// <summary>Writes the report to an HTML file that needs no other file: whole or not at all.</summary>
    /// <param name="path">The file; missing folders are created.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of pictures is negative.</exception>
    /// <exception cref="ArgumentException">The evaluation is not one of <see cref="Truth"/>; the message names what does not fit.</exception>
    public void Save(string path) => HtmlReport.Save(Create(), path);

    internal ReportData Create()
    {
        Check.AtLeast(Pictures, 0);
        (string Name, CocoEvaluation Coco, IReadOnlyList<IReadOnlyList<Detection>> Found)[] outputs = Evaluation.EndToEnd is { } single
            ? [(EndToEnd, single, Evaluation.EndToEndDetections!), (OneToMany, Evaluation.OneToMany, Evaluation.OneToManyDetections)]
            : [(OneToMany, Evaluation.OneToMany, Evaluation.OneToManyDetections)];
        var errors = outputs.Select(output => ErrorAnalysis.Of(Truth, output.Found)).ToArray();
        var (count, total) = (Math.Min(Pictures, Truth.Images.Count), Truth.Images.Count);
        var shown = Enumerable.Range(0, count).Select(i => i * total / count).ToArray();
        var images = shown.ToDictionary(i => i, i => Truth.LoadImage(Truth.Images[i], ImageDecoding.For(Model.Resize)));
        return new()
        {
            Title = Title,
            Subtitle = $"{total} images, {Truth.ObjectCount} objects, {Truth.Categories.Count} {(Truth.Categories.Count == 1 ? "class" : "classes")}",
            Categories = Truth.Categories,
            Settings = [.. ModelSettings(Model), .. (Settings ?? LoggedSettings(Log)).Select(setting => new ReportSetting(setting.Name, setting.Value))],
            Losses = Losses(Log),
            LearningRate = Log.Count == 0 ? null : new("learning rate", [.. Log.Select(step => (double)step.Step)], [.. Log.Select(step => step.LearningRate)]),
            ApByEpoch = ApByEpoch(Log),
            Evaluations = [.. outputs.Zip(errors, (output, error) => new ReportEvaluation(output.Name, output.Coco, error))],
            Pictures = [.. shown.Select(i => new DetectionPicture
            {
                Picture = Picture(Truth.Images[i], images[i]),
                Objects = Truth.Images[i].Objects,
                Outputs = [.. outputs.Zip(errors, (output, error) => new PictureDetections(output.Name, output.Found[i], error.Images[i]))],
            })],
            HeatMaps = Evaluation.EndToEnd is null ? [] : HeatMaps(images),
        };
    }

    /// <summary>The options of a training, for <see cref="Settings"/>.</summary>
    public static IReadOnlyList<(string Name, string Value)> TrainingSettings(TrainingOptions training, AugmentationOptions augmentation)
    {
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(augmentation);
        var schedule = training.Schedule;
        return
        [
            ("epochs", Text($"{schedule.Epochs}, rate x {schedule.DecayFactor} after {string.Join(", ", schedule.DecayEpochs)}")),
            ("learning rate", Text($"{training.LearningRate * training.NominalBatch / training.ReferenceBatch}, {schedule.WarmUpSteps} steps of warm-up")),
            ("batch", Text($"{training.NominalBatch} images in passes of {training.BatchSize}")),
            ("momentum, weight decay", Text($"{training.Momentum}, {training.WeightDecay}")),
            ("trained part", training.Part.ToString()),
            ("seed", Text($"{training.Seed}")),
            ("training sizes", string.Join(", ", augmentation.Sizes.Select(Size))),
            ("flips", Text($"{100 * augmentation.HorizontalFlip:0.#} % left to right, {100 * augmentation.VerticalFlip:0.#} % upside down")),
            ("crops", Text($"{100 * augmentation.Crop:0.#} %")),
            ("color", Text($"brightness {augmentation.Brightness}, contrast {augmentation.Contrast}, saturation {augmentation.Saturation}, hue {augmentation.Hue}")),
        ];
    }

    /// <summary>What the log shows of the training's options.</summary>
    private static (string Name, string Value)[] LoggedSettings(IReadOnlyList<TrainingProgress> log) => log.Count == 0 ? [] :
    [
        ("epochs", Text($"{log[^1].Epoch + 1} of {log[^1].Epochs}")),
        ("steps", Text($"{log[^1].Step:N0} of {log[^1].Steps:N0}")),
        ("highest learning rate", Text($"{log.Max(step => step.LearningRate):0.######}")),
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

    private ScoreHeatMap[] HeatMaps(Dictionary<int, RgbImage> images)
    {
        const int MaxHeatMaps = 2;
        using var detector = new Detector(Model, new() { Device = Device });
        return [.. images.Take(MaxHeatMaps).Select(entry =>
        {
            var (levels, geometry) = detector.Scores(entry.Value);
            return new ScoreHeatMap(Picture(Truth.Images[entry.Key], entry.Value), [.. levels.Select((level, i) => new HeatMapLevel
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
        return [.. new[] { Series(EndToEnd, e => e.EndToEndAp), Series(OneToMany, e => e.OneToManyAp) }.Where(series => series.X.Count > 1)];

        ReportSeries Series(string name, Func<EpochEvaluation, double?> ap)
        {
            var points = evaluated.Where(step => ap(step.Evaluation!) is not null).ToArray();
            return new(name, [.. points.Select(step => step.Epoch + 1.0)], [.. points.Select(step => ap(step.Evaluation!)!.Value)]);
        }
    }

    private static ReportSetting[] ModelSettings(DetectorModel model)
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
