using Pss.Engine.Data;
using Pss.Engine.Data.Formats;
using Pss.Engine.Data.Images;
using Pss.MLNet;
using Pss.MLNet.Rows;

namespace Microsoft.ML;

/// <summary>Annotated images as data views.</summary>
/// <remarks>The columns: Image (decoded when it is read), ImagePath, ImageId, Label (vector of keys with the class names), BoundingBoxes (vector of
/// Single: x0, y0, x1, y1 of each object in pixels), IsCrowd and Area (vectors, one value an object). They are what
/// <see cref="DetectObjectsPssCatalog.DetectObjectsPss(TransformsCatalog, PssDetectionOptions)"/> is fitted on and what
/// <see cref="DetectionMetricsCatalog.EvaluateDetections"/> compares with. Images and boxes are those of the upright picture, as a file's EXIF
/// orientation says. ML.NET's own LoadImages leaves the pixels of such a file as they are stored, where the boxes do not fit: read turned files by
/// Image or ImagePath.</remarks>
public static class DetectionDataCatalog
{
    /// <summary>Reads a COCO file (instances_*.json).</summary>
    /// <param name="catalog">The data operations of a context.</param>
    /// <param name="path">The JSON file.</param>
    /// <param name="options">How to read; null takes the defaults.</param>
    /// <exception cref="DatasetException">A fault in the file, by file, record and field.</exception>
    public static IDataView LoadFromCoco(this DataOperationsCatalog catalog, string path, ReadOptions? options = null)
        => catalog.LoadFromDataset(CocoReader.Read(path, options));

    /// <summary>Reads a Pascal VOC folder, or one of its XML files.</summary>
    /// <param name="catalog">The data operations of a context.</param>
    /// <param name="path">The folder or file.</param>
    /// <param name="options">How to read; null takes the defaults.</param>
    /// <exception cref="DatasetException">A fault in a file, by file, record and field.</exception>
    public static IDataView LoadFromVoc(this DataOperationsCatalog catalog, string path, ReadOptions? options = null)
        => catalog.LoadFromDataset(VocReader.Read(path, options));

    /// <summary>Reads a YOLO dataset by its data yaml.</summary>
    /// <param name="catalog">The data operations of a context.</param>
    /// <param name="path">The yaml file.</param>
    /// <param name="options">How to read; null takes the defaults.</param>
    /// <exception cref="DatasetException">A fault in a file, by file, record and field.</exception>
    public static IDataView LoadFromYolo(this DataOperationsCatalog catalog, string path, ReadOptions? options = null)
        => catalog.LoadFromDataset(YoloReader.Read(path, options));

    /// <summary>Reads a VoTT export, JSON or CSV.</summary>
    /// <param name="catalog">The data operations of a context.</param>
    /// <param name="path">The file.</param>
    /// <param name="options">How to read; null takes the defaults.</param>
    /// <exception cref="DatasetException">A fault in the file, by file, record and field.</exception>
    public static IDataView LoadFromVott(this DataOperationsCatalog catalog, string path, ReadOptions? options = null)
        => catalog.LoadFromDataset(VottReader.Read(path, options));

    /// <summary>Shows any dataset as a data view.</summary>
    /// <param name="catalog">The data operations of a context.</param>
    /// <param name="dataset">The dataset, read in any format or made by a program.</param>
    /// <param name="load">Gives the pixels of an image, from several threads at once; null reads the file at its path.</param>
    public static IDataView LoadFromDataset(this DataOperationsCatalog catalog, DetectionDataset dataset, Func<ImageRecord, RgbImage>? load = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(dataset);
        return new DatasetView(dataset, load);
    }
}
