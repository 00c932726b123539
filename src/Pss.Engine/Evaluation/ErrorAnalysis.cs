using Pss.Engine.Data;

namespace Pss.Engine.Evaluation;

/// <summary>Classifies the errors of a detector: missed, duplicate, wrong class, poor box, background. On boxes, at one score threshold and one
/// IoU threshold: for understanding a detector; <see cref="CocoEvaluator"/> compares detectors.</summary>
internal sealed record ErrorAnalysis
{
    /// <summary>The thresholds in use.</summary>
    public required ErrorAnalysisOptions Options { get; init; }

    /// <summary>Counts over all categories.</summary>
    public required ErrorCounts Total { get; init; }

    /// <summary>Counts by label: objects by their own, detections by the predicted one.</summary>
    public required IReadOnlyList<ErrorCounts> ByLabel { get; init; }

    /// <summary>Outcomes per image, in the order of the dataset.</summary>
    public required IReadOnlyList<ImageErrors> Images { get; init; }

    /// <summary>Classifies the detections of a dataset. Per image, in descending score order, a detection takes the unmatched object of its class
    /// that it overlaps most; otherwise it is the first of crowd, duplicate, wrong class, poor box that applies.</summary>
    /// <param name="dataset">The annotated images.</param>
    /// <param name="detections">The detections of each image, in the order of <see cref="DetectionDataset.Images"/>.</param>
    /// <param name="options">Thresholds; null for the defaults.</param>
    /// <exception cref="ArgumentException">The number of lists is not that of the images, an option is out of range, or a label, box or score is invalid.</exception>
    public static ErrorAnalysis Of(DetectionDataset dataset, IReadOnlyList<IReadOnlyList<Detection>> detections,
        ErrorAnalysisOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        options ??= new ErrorAnalysisOptions();
        options.Validate();
        EvaluationInput.CheckDetections(dataset, detections);
        var byLabel = new ErrorCounts[dataset.Categories.Count];
        Array.Fill(byLabel, new ErrorCounts());
        var images = new ImageErrors[detections.Count];
        for (var i = 0; i < images.Length; i++)
        {
            var objects = dataset.Images[i].Objects;
            images[i] = Sort(objects, detections[i], options);
            for (var d = 0; d < detections[i].Count; d++)
                if (images[i].Outcomes[d] is { } outcome)
                    byLabel[detections[i][d].Label] = byLabel[detections[i][d].Label].With(outcome);
            for (var g = 0; g < objects.Count; g++)
                if (!objects[g].IsCrowd)
                    byLabel[objects[g].Label] =
                        byLabel[objects[g].Label].Plus(new ErrorCounts { Objects = 1, Missed = images[i].Found[g] ? 0 : 1 });
        }
        return new ErrorAnalysis
        {
            Options = options,
            Total = byLabel.Aggregate(new ErrorCounts(), (sum, counts) => sum.Plus(counts)),
            ByLabel = byLabel,
            Images = images,
        };
    }

    private static ImageErrors Sort(IReadOnlyList<ObjectAnnotation> objects, IReadOnlyList<Detection> detections, ErrorAnalysisOptions options)
    {
        var outcomes = new DetectionOutcome?[detections.Count];
        var found = new bool[objects.Count];
        var byScore = Enumerable.Range(0, detections.Count).Where(d => ScoreThresholds.Reaches(detections[d].Score, options.ScoreThreshold))
            .OrderByDescending(d => detections[d].Score);
        foreach (var d in byScore)
        {
            var detection = detections[d];
            var box = BoundingBox.FromCorners(detection.X1, detection.Y1, detection.X2, detection.Y2);
            var overlaps = objects.Select((item, g) => (G: g, Item: item, Iou: BoxOverlap.IoU(box, item.Box, item.IsCrowd))).ToArray();
            bool OverlapsAny(bool sameClass, bool onCrowd, double iou) =>
                overlaps.Any(o => o.Iou >= iou && o.Item.IsCrowd == onCrowd && (o.Item.Label == detection.Label) == sameClass);

            var free = overlaps.Where(o => !found[o.G] && !o.Item.IsCrowd && o.Item.Label == detection.Label && o.Iou >= options.IouThreshold).ToArray();
            if (free.Length > 0)
                found[free.MaxBy(o => o.Iou).G] = true;
            outcomes[d] = free.Length > 0 ? DetectionOutcome.Correct
                : OverlapsAny(sameClass: true, onCrowd: true, options.IouThreshold) ? DetectionOutcome.Ignored
                : OverlapsAny(sameClass: true, onCrowd: false, options.IouThreshold) ? DetectionOutcome.Duplicate
                : OverlapsAny(sameClass: false, onCrowd: false, options.IouThreshold) ? DetectionOutcome.WrongClass
                : OverlapsAny(sameClass: true, onCrowd: false, options.PoorBoxIou) ? DetectionOutcome.PoorBox
                : DetectionOutcome.Background;
        }
        return new ImageErrors(outcomes, found);
    }
}
