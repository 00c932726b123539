using Pss.Engine.Inference;
using Pss.MLNet;

namespace Microsoft.ML;

/// <summary>FCOS_PSS, object detection without NMS, among the transforms of an <see cref="MLContext"/>.</summary>
public static class DetectObjectsPssCatalog
{
    /// <summary>Trains a detector on the rows it is fitted on. Column conventions are those of ML.NET's own ObjectDetection.</summary>
    /// <param name="catalog">The transforms of a context.</param>
    /// <param name="imageColumnName">File names of images (text), or images (MLImage).</param>
    /// <param name="labelColumnName">The class of each object, a vector of keys.</param>
    /// <param name="boundingBoxColumnName">x0, y0, x1, y1 of each object in pixels of the image, a vector of Single.</param>
    /// <param name="predictedLabelColumnName">Result: the class of each detection, a vector of keys with the class names.</param>
    /// <param name="predictedBoundingBoxColumnName">Result: x0, y0, x1, y1 of each detection, a vector of Single.</param>
    /// <param name="scoreColumnName">Result: the confidence of each detection, a vector of Single.</param>
    /// <param name="scoreThreshold">Detections below this score are left out; take 0 to evaluate.</param>
    /// <param name="context">The context to log to and to take GpuDeviceId from; see <see cref="PssDetectionOptions.Context"/>.</param>
    public static PssDetectionEstimator DetectObjectsPss(
        this TransformsCatalog catalog, string imageColumnName = "Image", string labelColumnName = "Label", string boundingBoxColumnName = "BoundingBoxes",
        string predictedLabelColumnName = "PredictedLabel", string predictedBoundingBoxColumnName = "PredictedBoundingBoxes",
        string scoreColumnName = "Score", float scoreThreshold = 0.3f, MLContext? context = null)
        => catalog.DetectObjectsPss(new PssDetectionOptions
        {
            ImageColumn = imageColumnName,
            LabelColumn = labelColumnName,
            BoundingBoxColumn = boundingBoxColumnName,
            PredictedLabelColumn = predictedLabelColumnName,
            PredictedBoundingBoxColumn = predictedBoundingBoxColumnName,
            ScoreColumn = scoreColumnName,
            Inference = new() { PostProcessing = new() { ScoreThreshold = scoreThreshold } },
            Context = context,
        });

    /// <summary>Trains a detector on the rows it is fitted on, with every option.</summary>
    /// <param name="catalog">The transforms of a context.</param>
    /// <param name="options">Columns, training, scoring.</param>
    public static PssDetectionEstimator DetectObjectsPss(this TransformsCatalog catalog, PssDetectionOptions options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new(options);
    }

    /// <summary>Scores with a trained detector; fitting it trains nothing.</summary>
    /// <param name="catalog">The transforms of a context.</param>
    /// <param name="detectorFile">A file of <see cref="PssDetectionTransformer.SaveDetector"/> or <see cref="DetectorModel.Save"/>, or a checkpoint.</param>
    /// <param name="options">Columns and scoring; null takes the defaults.</param>
    public static PssDetectionEstimator DetectObjectsPss(this TransformsCatalog catalog, string detectorFile, PssDetectionOptions? options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new(DetectorModel.Load(detectorFile), options ?? new());
    }
}
