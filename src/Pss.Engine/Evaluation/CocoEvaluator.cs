using Pss.Engine.Data;

namespace Pss.Engine.Evaluation;

/// <summary>The COCO detection protocol: the metrics of pycocotools, to double precision.</summary>
/// <remarks>
/// Behavior of pycocotools that may be unexpected:
/// <list type="bullet">
/// <item>Whether an object is ignored is decided by its crowd flag and its area alone; an "ignore" field is not read.</item>
/// <item>A detection matches the unmatched object of highest IoU, regular objects before ignored ones; for equal IoU the later object in
/// the list. An IoU equal to the threshold matches. A crowd matches any number of detections.</item>
/// <item>Area limits are inclusive at both ends; an object's area is its <see cref="GroundTruth.Area"/>, a detection's is its box's or, for
/// masks, its mask's. An unmatched detection outside the range is ignored, not a false positive.</item>
/// <item>The limits on detections are per image and category. Detections of equal score keep the order of the list within an image, and the
/// order of ascending image ids between images.</item>
/// <item>A metric without objects is -1 and excluded from means; a category with objects but without detections counts as 0.</item>
/// </list>
/// Intended differences:
/// <list type="bullet">
/// <item>Objects are identified by position, so that one with id 0 is matched like any other (pycocotools counts its detection as a false positive).</item>
/// <item>For masks the area of a detection is always its mask's (pycocotools uses width times height of the box if the first result
/// has one; COCO's own result files have none).</item>
/// <item>An empty list of detections evaluates to 0.</item>
/// <item>A detection of an unknown category is an error (pycocotools drops it silently), like one of an unknown image, and so are masks of
/// different sizes in one image.</item>
/// </list>
/// Instances hold only options and may be used from several threads.
/// </remarks>
public sealed class CocoEvaluator
{
    private readonly CocoEvaluatorOptions _options;

    /// <summary>Makes an evaluator.</summary>
    /// <param name="options">Options; null for the official protocol on boxes.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public CocoEvaluator(CocoEvaluatorOptions? options = null)
    {
        _options = options ?? new CocoEvaluatorOptions();
        _options.Validate();
    }

    /// <summary>Evaluates the detections of each image of a dataset.</summary>
    /// <param name="dataset">The annotated images.</param>
    /// <param name="detections">The detections of each image, in the order of <see cref="DetectionDataset.Images"/>.</param>
    /// <exception cref="ArgumentException">The number of lists is not that of the images, or a label, box or score is invalid; the message names
    /// image and detection.</exception>
    public CocoEvaluation Evaluate(DetectionDataset dataset, IReadOnlyList<IReadOnlyList<Detection>> detections)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        return Evaluate(dataset, EvaluationInput.ToResults(dataset, detections, _options.Masks));
    }

    /// <summary>Evaluates the results of a dataset.</summary>
    /// <param name="dataset">The annotated images.</param>
    /// <param name="results">The detections of all images, in any order.</param>
    /// <exception cref="ArgumentException">A record is invalid; the message names it by its position.</exception>
    internal CocoEvaluation Evaluate(DetectionDataset dataset, IReadOnlyList<DetectionResult> results)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        var imageIds = dataset.Images.Select(image => image.Id).ToArray();
        return Evaluate(imageIds, dataset.Categories, EvaluationInput.ToGroundTruths(dataset, _options.Masks), results);
    }

    /// <summary>Evaluates records.</summary>
    /// <param name="imageIds">The ids of all images, with or without objects.</param>
    /// <param name="categories">All categories.</param>
    /// <param name="groundTruths">The objects, in the order of the annotation file.</param>
    /// <param name="results">The detections, in any order.</param>
    /// <exception cref="ArgumentException">A record is invalid; the message names it by its position.</exception>
    internal CocoEvaluation Evaluate(IReadOnlyList<long> imageIds, IReadOnlyList<Category> categories, IReadOnlyList<GroundTruth> groundTruths,
        IReadOnlyList<DetectionResult> results)
    {
        var input = new EvaluationInput(_options, imageIds, categories, groundTruths, results);
        var scores = new CategoryScores[input.Categories.Length];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = _options.DegreeOfParallelism };
        try
        {
            Parallel.For(0, scores.Length, parallel, k => scores[k] = new CategoryMatcher(_options, input).Run(k));
        }
        catch (AggregateException faults) when (faults.InnerException is ArgumentException fault)
        {
            throw new ArgumentException(fault.Message, fault);
        }
        return new CocoEvaluation
        {
            Summary = CategoryScores.Summarize(scores),
            Categories = [.. scores.Select((score, k) => score.ToEvaluation(input.Categories[k]))],
            AveragePrecisionByIou = CategoryScores.MeanByIou(scores, score => score.Precision[0]),
            RecallByIou = CategoryScores.MeanByIou(scores, score => score.Recall[0][^1]),
            Matches = [.. scores.SelectMany(score => score.Matches)],
        };
    }
}
