using Pss.Engine.Inference;
using Pss.Engine.Weights;
using Pss.MLNet;

namespace Microsoft.ML;

/// <summary>FCOS_PSS, an object detector without NMS, among the transforms of an <see cref="MLContext"/>. These estimators do not know the context:
/// <see cref="ObjectDetectionExtensions.ObjectDetection"/> has the same methods for estimators that log to it and use its GPU.</summary>
public static class DetectObjectsPssCatalog
{
    /// <summary>An estimator that trains a detector. Default column names are those of ML.NET's ObjectDetection trainer.</summary>
    /// <param name="catalog">The transforms of a context.</param>
    /// <param name="imageColumnName">Input: image files (text) or images (MLImage).</param>
    /// <param name="labelColumnName">Training input: the class of each object, a vector of keys.</param>
    /// <param name="boundingBoxColumnName">Training input: x0, y0, x1, y1 of each object in pixels of the image, a vector of Single.</param>
    /// <param name="predictedLabelColumnName">Output: the class of each detection, a vector of keys annotated with the class names.</param>
    /// <param name="predictedBoundingBoxColumnName">Output: x0, y0, x1, y1 of each detection in pixels of the image, a vector of Single.</param>
    /// <param name="scoreColumnName">Output: the score of each detection, 0 to 1, a vector of Single.</param>
    /// <param name="scoreThreshold">Detections with a lower score are left out, 0 to 1; use 0 for evaluation.</param>
    /// <exception cref="ArgumentException">An argument is out of range; the message names it.</exception>
    public static PssDetectionEstimator DetectObjectsPss(
        this TransformsCatalog catalog, string imageColumnName = DefaultColumns.Image, string labelColumnName = DefaultColumns.Label,
        string boundingBoxColumnName = DefaultColumns.BoundingBoxes, string predictedLabelColumnName = DefaultColumns.PredictedLabel,
        string predictedBoundingBoxColumnName = DefaultColumns.PredictedBoundingBoxes, string scoreColumnName = DefaultColumns.Score,
        float scoreThreshold = 0.3f)
        => catalog.DetectObjectsPss(PssDetectionOptions.ForColumns(
            imageColumnName, labelColumnName, boundingBoxColumnName, predictedLabelColumnName, predictedBoundingBoxColumnName, scoreColumnName, scoreThreshold));

    /// <summary>An estimator that trains a detector, with all options.</summary>
    /// <param name="catalog">The transforms of a context.</param>
    /// <param name="options">Columns, training and scoring.</param>
    /// <exception cref="ArgumentException">An option is out of range; the message names it.</exception>
    public static PssDetectionEstimator DetectObjectsPss(this TransformsCatalog catalog, PssDetectionOptions options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new(options);
    }

    /// <summary>An estimator that scores with a trained detector; its Fit trains nothing.</summary>
    /// <param name="catalog">The transforms of a context.</param>
    /// <param name="detectorFile">A file of <see cref="PssDetectionTransformer.SaveDetector"/> or <see cref="DetectorModel.Save"/>, or a training
    /// checkpoint.</param>
    /// <param name="options">Columns and scoring; null uses the defaults. Options of the training have no effect.</param>
    /// <exception cref="ArgumentException">An option is out of range; the message names it.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="WeightFileException">The file is damaged or not a detector's; the message names it.</exception>
    public static PssDetectionEstimator LoadPssDetector(this TransformsCatalog catalog, string detectorFile, PssDetectionOptions? options = null)
        => catalog.LoadPssDetector(DetectorModel.Load(detectorFile), options);

    /// <summary>An estimator that scores with a trained detector; its Fit trains nothing.</summary>
    /// <param name="catalog">The transforms of a context.</param>
    /// <param name="detector">The trained detector.</param>
    /// <param name="options">Columns and scoring; null uses the defaults. Options of the training have no effect.</param>
    /// <exception cref="ArgumentException">An option is out of range; the message names it.</exception>
    public static PssDetectionEstimator LoadPssDetector(this TransformsCatalog catalog, DetectorModel detector, PssDetectionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new(detector, options ?? new());
    }
}
