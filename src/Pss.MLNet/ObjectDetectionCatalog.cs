using Microsoft.ML;
using Pss.Engine.Evaluation;
using Pss.Engine.Inference;
using Pss.Engine.Weights;
using Pss.MLNet.Rows;

namespace Pss.MLNet;

/// <summary>Training, scoring and evaluation of FCOS_PSS, an object detector without NMS; made by <c>mlContext.ObjectDetection()</c>. Estimators log to
/// the context's Log and use its GpuDeviceId and FallbackToCpu, unless <see cref="PssDetectionOptions.Context"/> names another context.</summary>
public sealed class ObjectDetectionCatalog
{
    private readonly MLContext _context;

    internal ObjectDetectionCatalog(MLContext context) => _context = context;

    /// <summary>An estimator that trains a detector. Default column names are those of ML.NET's ObjectDetection trainer.</summary>
    /// <param name="imageColumnName">Input: image files (text) or images (MLImage).</param>
    /// <param name="labelColumnName">Training input: the class of each object, a vector of keys.</param>
    /// <param name="boundingBoxColumnName">Training input: x0, y0, x1, y1 of each object in pixels of the image, a vector of Single.</param>
    /// <param name="predictedLabelColumnName">Output: the class of each detection, a vector of keys annotated with the class names.</param>
    /// <param name="predictedBoundingBoxColumnName">Output: x0, y0, x1, y1 of each detection in pixels of the image, a vector of Single.</param>
    /// <param name="scoreColumnName">Output: the score of each detection, 0 to 1, a vector of Single.</param>
    /// <param name="scoreThreshold">Detections with a lower score are left out, 0 to 1; use 0 for evaluation.</param>
    /// <exception cref="ArgumentException">An argument is out of range; the message names it.</exception>
    public PssDetectionEstimator DetectObjectsPss(
        string imageColumnName = DefaultColumns.Image, string labelColumnName = DefaultColumns.Label,
        string boundingBoxColumnName = DefaultColumns.BoundingBoxes, string predictedLabelColumnName = DefaultColumns.PredictedLabel,
        string predictedBoundingBoxColumnName = DefaultColumns.PredictedBoundingBoxes, string scoreColumnName = DefaultColumns.Score,
        float scoreThreshold = 0.3f)
        => DetectObjectsPss(PssDetectionOptions.ForColumns(
            imageColumnName, labelColumnName, boundingBoxColumnName, predictedLabelColumnName, predictedBoundingBoxColumnName, scoreColumnName, scoreThreshold));

    /// <summary>An estimator that trains a detector, with all options.</summary>
    /// <param name="options">Columns, training and scoring.</param>
    /// <exception cref="ArgumentException">An option is out of range; the message names it.</exception>
    public PssDetectionEstimator DetectObjectsPss(PssDetectionOptions options) => new(InContext(options));

    /// <summary>An estimator that scores with a trained detector; its Fit trains nothing.</summary>
    /// <param name="detectorFile">A file of <see cref="PssDetectionTransformer.SaveDetector"/> or <see cref="DetectorModel.Save(string)"/>, or a training
    /// checkpoint.</param>
    /// <param name="options">Columns and scoring; null uses the defaults. Options of the training have no effect.</param>
    /// <exception cref="ArgumentException">An option is out of range; the message names it.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="WeightFileException">The file is damaged or not a detector's; the message names it.</exception>
    public PssDetectionEstimator LoadPssDetector(string detectorFile, PssDetectionOptions? options = null)
        => LoadPssDetector(DetectorModel.Load(detectorFile), options);

    /// <summary>An estimator that scores with a trained detector; its Fit trains nothing.</summary>
    /// <param name="detector">The trained detector.</param>
    /// <param name="options">Columns and scoring; null uses the defaults. Options of the training have no effect.</param>
    /// <exception cref="ArgumentException">An option is out of range; the message names it.</exception>
    public PssDetectionEstimator LoadPssDetector(DetectorModel detector, PssDetectionOptions? options = null) => new(detector, InContext(options ?? new()));

    /// <summary>Evaluates detections by the COCO protocol: the 12 summary metrics, metrics per class, precision-recall curves.</summary>
    /// <remarks>Score with <see cref="PssDetectionOptions.ScoreThreshold"/> 0: a threshold lowers recall and AP. A warning in <see cref="MLContext.Log"/>
    /// says so if the score column's annotation holds a threshold above 0. Models loaded by <c>mlContext.Model.Load</c> do not carry the annotation:
    /// for them, and for detections of other origin, the warning appears if no detection has a low score. Optional columns are <c>IsCrowd</c> (vector
    /// of Boolean), true for regions that cover groups of objects, and <c>Area</c> (vector of Single), the areas of objects in pixels where they
    /// differ from their boxes' areas. Classes are compared by name.</remarks>
    /// <param name="data">Scored rows with labels and boxes.</param>
    /// <param name="options">The column names; null uses the defaults.</param>
    /// <param name="evaluation">Settings of the protocol; null uses the official ones.</param>
    /// <param name="cancellationToken">Cancels the reading of rows, and so their scoring.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type; the message names it and both types.</exception>
    /// <exception cref="InvalidDataException">A row is invalid; the message names row and column.</exception>
    /// <exception cref="OperationCanceledException">Canceled.</exception>
    public CocoEvaluation Evaluate(
        IDataView data, PssDetectionOptions? options = null, CocoEvaluatorOptions? evaluation = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        options ??= new();
        var (dataset, detections) = ScoredRows.Read(data, options, cancellationToken);
        using (var log = new Log(_context))
            ScoreThresholdCheck.Warn(data.Schema[options.ScoreColumnName], detections, log);
        return new CocoEvaluator(evaluation).Evaluate(dataset, detections);
    }

    private PssDetectionOptions InContext(PssDetectionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Context is null ? options with { Context = _context } : options;
    }
}
