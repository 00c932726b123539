using Pss.Engine.Data;
using Pss.Engine.Data.Formats;
using Pss.Engine.Inference;
using Pss.Engine.Weights;
using Pss.MLNet;
using Pss.MLNet.Rows;

namespace Microsoft.ML;

/// <summary>FCOS_PSS, an object detector without NMS, in an <see cref="MLContext"/>: as a catalog of its own, and among the transforms. The estimators of the
/// transforms do not know the context: those of <see cref="ObjectDetection"/> log to it and use its GPU.</summary>
/// <remarks>Columns of a view of annotated images (LoadFromCoco and its like): Image (MLImage, decoded when it is read), ImagePath (text), ImageId (Int64), Label (vector of keys annotated with the class names),
/// BoundingBoxes (vector of Single: x0, y0, x1, y1 of each object in pixels), IsCrowd (vector of Boolean) and Area (vector of Single), one value per
/// object. <see cref="ObjectDetectionCatalog.DetectObjectsPss(PssDetectionOptions)"/> trains on them, and <see cref="ObjectDetectionCatalog.Evaluate"/>
/// compares with them. Images and boxes are rotated by a file's EXIF orientation. ML.NET's LoadImages ignores the orientation, so that boxes do not fit
/// its images: read such files by Image or ImagePath.</remarks>
public static class PssDetectionCatalog
{
    /// <summary>Object detection with this context: its estimators log to <see cref="MLContext.Log"/> and use its GpuDeviceId and FallbackToCpu.</summary>
    /// <param name="mlContext">The context.</param>
    public static ObjectDetectionCatalog ObjectDetection(this MLContext mlContext)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        return new(mlContext);
    }

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
    /// <param name="detectorFile">A file of <see cref="PssDetectionTransformer.SaveDetector"/> or <see cref="DetectorModel.Save(string)"/>, or a training
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

    /// <summary>Reads a COCO file (instances_*.json).</summary>
    /// <param name="catalog">The data operations of a context.</param>
    /// <param name="path">The JSON file.</param>
    /// <param name="options">How to read; null uses the defaults.</param>
    /// <exception cref="DatasetException">The file is invalid; the message names file, record and field.</exception>
    public static IDataView LoadFromCoco(this DataOperationsCatalog catalog, string path, ReadOptions? options = null)
        => catalog.Load(path, DatasetFormat.Coco, options);

    /// <summary>Reads a Pascal VOC folder, or one of its XML files.</summary>
    /// <param name="catalog">The data operations of a context.</param>
    /// <param name="path">The folder or file.</param>
    /// <param name="options">How to read; null uses the defaults.</param>
    /// <exception cref="DatasetException">A file is invalid; the message names file, record and field.</exception>
    public static IDataView LoadFromVoc(this DataOperationsCatalog catalog, string path, ReadOptions? options = null)
        => catalog.Load(path, DatasetFormat.Voc, options);

    /// <summary>Reads a YOLO dataset by its data.yaml.</summary>
    /// <param name="catalog">The data operations of a context.</param>
    /// <param name="path">The yaml file.</param>
    /// <param name="options">How to read; null uses the defaults.</param>
    /// <exception cref="DatasetException">A file is invalid; the message names file, record and field.</exception>
    public static IDataView LoadFromYolo(this DataOperationsCatalog catalog, string path, ReadOptions? options = null)
        => catalog.Load(path, DatasetFormat.Yolo, options);

    /// <summary>Reads a VoTT export, JSON or CSV.</summary>
    /// <param name="catalog">The data operations of a context.</param>
    /// <param name="path">The file.</param>
    /// <param name="options">How to read; null uses the defaults.</param>
    /// <exception cref="DatasetException">The file is invalid; the message names file, record and field.</exception>
    public static IDataView LoadFromVott(this DataOperationsCatalog catalog, string path, ReadOptions? options = null)
        => catalog.Load(path, DatasetFormat.Vott, options);

    /// <summary>A dataset as a data view.</summary>
    /// <param name="catalog">The data operations of a context.</param>
    /// <param name="dataset">The dataset, with its images.</param>
    public static IDataView LoadFromDataset(this DataOperationsCatalog catalog, DetectionDataset dataset)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(dataset);
        return new DatasetView(dataset);
    }

    private static IDataView Load(this DataOperationsCatalog catalog, string path, DatasetFormat format, ReadOptions? options)
        => catalog.LoadFromDataset(DetectionDataset.Load(path, (options ?? new()) with { Format = format }));
}
