using Pss.Engine.Data;

namespace Pss.Engine.Evaluation;

/// <summary>Which classes a detector takes for which, at one score threshold and IoU 0.5. Rows are the true classes and, last, the background;
/// columns are the predicted classes and, last, missed objects. Detections of the right class are matched first, as in <see cref="ErrorAnalysis"/>;
/// then, in descending score order, each other detection takes the unmatched object that it overlaps most, whatever its class. What is left is
/// background (duplicates and poor boxes too) or missed. So each object and each detection counts once, a row sums to the objects of its class, a
/// column to the detections of its class, and the diagonal holds the true positives of <see cref="F1Analysis"/>. Crowds do not count.</summary>
internal sealed class ConfusionMatrix
{
    private const double IouThreshold = 0.5;

    private readonly int[,] _counts;

    private ConfusionMatrix(int classes, double scoreThreshold) =>
        (_counts, Classes, ScoreThreshold) = (new int[classes + 1, classes + 1], classes, scoreThreshold);

    /// <summary>Number of classes: the index of the background's row and of the column of missed objects.</summary>
    public int Classes { get; }

    /// <summary>Detections with a lower score do not count.</summary>
    public double ScoreThreshold { get; }

    /// <summary>The count of a true class (or background) and a predicted class (or missed).</summary>
    public int this[int truth, int predicted] => _counts[truth, predicted];

    /// <summary>The sum of a row: the objects of a class, or the detections on the background.</summary>
    public int RowSum(int truth) => Enumerable.Range(0, Classes + 1).Sum(predicted => _counts[truth, predicted]);

    /// <summary>Counts the detections of a dataset.</summary>
    /// <param name="dataset">The annotated images.</param>
    /// <param name="detections">The detections of each image, in the order of <see cref="DetectionDataset.Images"/>.</param>
    /// <param name="scoreThreshold">From 0 to 1.</param>
    /// <exception cref="ArgumentException">The number of lists is not that of the images, or a threshold, label, box or score is invalid.</exception>
    public static ConfusionMatrix Of(DetectionDataset dataset, IReadOnlyList<IReadOnlyList<Detection>> detections, double scoreThreshold)
    {
        var errors = ErrorAnalysis.Of(dataset, detections, new() { ScoreThreshold = scoreThreshold, IouThreshold = IouThreshold });
        var matrix = new ConfusionMatrix(dataset.Categories.Count, scoreThreshold);
        for (var i = 0; i < detections.Count; i++)
            matrix.Add(dataset.Images[i].Objects, detections[i], errors.Images[i]);
        return matrix;
    }

    private void Add(IReadOnlyList<ObjectAnnotation> objects, IReadOnlyList<Detection> detections, ImageErrors errors)
    {
        var found = errors.Found.ToArray();
        foreach (var d in Enumerable.Range(0, detections.Count).OrderByDescending(d => detections[d].Score))
        {
            var label = detections[d].Label;
            if (errors.Outcomes[d] == DetectionOutcome.Correct)
                _counts[label, label]++;
            else if (errors.Outcomes[d] is not (null or DetectionOutcome.Ignored))
                _counts[TakeBest(objects, found, detections[d]) is { } g ? objects[g].Label : Classes, label]++;
        }
        for (var g = 0; g < objects.Count; g++)
            if (!objects[g].IsCrowd && !found[g])
                _counts[objects[g].Label, Classes]++;
    }

    /// <summary>The unmatched object that the detection overlaps most, which is marked as found; null if none overlaps enough.</summary>
    private static int? TakeBest(IReadOnlyList<ObjectAnnotation> objects, bool[] found, Detection detection)
    {
        var box = BoundingBox.FromCorners(detection.X1, detection.Y1, detection.X2, detection.Y2);
        var (best, highest) = (-1, 0.0);
        for (var g = 0; g < objects.Count; g++)
            if (!found[g] && !objects[g].IsCrowd && BoxOverlap.IoU(box, objects[g].Box) is var iou && iou >= IouThreshold && iou > highest)
                (best, highest) = (g, iou);
        if (best < 0)
            return null;
        found[best] = true;
        return best;
    }
}
