using Pss.Engine.Evaluation;
using Pss.MLNet;
using Pss.MLNet.Rows;

namespace Microsoft.ML;

/// <summary>Metrics of detections in a data view.</summary>
public static class DetectionMetricsCatalog
{
    /// <summary>The COCO protocol on scored rows that carry their annotations: the twelve numbers, each class, precision-recall curves.</summary>
    /// <remarks>The detector's score threshold should be 0, since a threshold can only lower the numbers. A column IsCrowd (vector of Boolean) marks
    /// regions that cover groups, a column Area (vector of Single) gives areas that differ from the boxes'; both are used where the rows have
    /// them. Classes are compared by their names.</remarks>
    /// <param name="context">The context.</param>
    /// <param name="scored">Rows with labels, boxes and detections.</param>
    /// <param name="columns">The columns' names; null takes the defaults.</param>
    /// <param name="options">Settings of the protocol; null takes the official ones.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type; the message names it and both types.</exception>
    /// <exception cref="InvalidDataException">A row cannot be used; the message names row and column.</exception>
    public static CocoEvaluation EvaluateDetections(
        this MLContext context, IDataView scored, PssDetectionOptions? columns = null, CocoEvaluatorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(scored);
        var (dataset, detections) = ScoredRows.Read(scored, columns ?? new());
        return new CocoEvaluator(options).Evaluate(dataset, detections);
    }
}
