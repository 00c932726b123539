using Pss.Engine.Data;
using Pss.Engine.Data.Formats;
using Pss.Engine.Data.Images;
using Pss.MLNet;
using Pss.MLNet.Rows;

namespace Microsoft.ML;

/// <summary>Annotated images as data views.</summary>
/// <remarks>Columns: Image (MLImage, decoded when it is read), ImagePath (text), ImageId (Int64), Label (vector of keys annotated with the class names),
/// BoundingBoxes (vector of Single: x0, y0, x1, y1 of each object in pixels), IsCrowd (vector of Boolean) and Area (vector of Single), one value per
/// object. <see cref="ObjectDetectionCatalog.DetectObjectsPss(PssDetectionOptions)"/> trains on them, and <see cref="ObjectDetectionCatalog.Evaluate"/>
/// compares with them. Images and boxes are rotated by a file's EXIF orientation. ML.NET's LoadImages ignores the orientation, so that boxes do not fit
/// its images: read such files by Image or ImagePath.</remarks>
public static class DetectionDataCatalog
{
    /// <summary>Reads a COCO file (instances_*.json).</summary>
    /// <param name="catalog">The data operations of a context.</param>
    /// <param name="path">The JSON file.</param>
    /// <param name="options">How to read; null uses the defaults.</param>
    /// <exception cref="DatasetException">The file is invalid; the message names file, record and field.</exception>
    public static IDataView LoadFromCoco(this DataOperationsCatalog catalog, string path, ReadOptions? options = null)
        => catalog.LoadFromDataset(CocoReader.Read(path, options));

    /// <summary>Reads a Pascal VOC folder, or one of its XML files.</summary>
    /// <param name="catalog">The data operations of a context.</param>
    /// <param name="path">The folder or file.</param>
    /// <param name="options">How to read; null uses the defaults.</param>
    /// <exception cref="DatasetException">A file is invalid; the message names file, record and field.</exception>
    public static IDataView LoadFromVoc(this DataOperationsCatalog catalog, string path, ReadOptions? options = null)
        => catalog.LoadFromDataset(VocReader.Read(path, options));

    /// <summary>Reads a YOLO dataset by its data.yaml.</summary>
    /// <param name="catalog">The data operations of a context.</param>
    /// <param name="path">The yaml file.</param>
    /// <param name="options">How to read; null uses the defaults.</param>
    /// <exception cref="DatasetException">A file is invalid; the message names file, record and field.</exception>
    public static IDataView LoadFromYolo(this DataOperationsCatalog catalog, string path, ReadOptions? options = null)
        => catalog.LoadFromDataset(YoloReader.Read(path, options));

    /// <summary>Reads a VoTT export, JSON or CSV.</summary>
    /// <param name="catalog">The data operations of a context.</param>
    /// <param name="path">The file.</param>
    /// <param name="options">How to read; null uses the defaults.</param>
    /// <exception cref="DatasetException">The file is invalid; the message names file, record and field.</exception>
    public static IDataView LoadFromVott(this DataOperationsCatalog catalog, string path, ReadOptions? options = null)
        => catalog.LoadFromDataset(VottReader.Read(path, options));

    /// <summary>A dataset as a data view.</summary>
    /// <param name="catalog">The data operations of a context.</param>
    /// <param name="dataset">The dataset.</param>
    /// <param name="load">Loads the pixels of an image; must be thread-safe. Null reads the file at the image's path.</param>
    public static IDataView LoadFromDataset(this DataOperationsCatalog catalog, DetectionDataset dataset, Func<ImageRecord, RgbImage>? load = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(dataset);
        return new DatasetView(dataset, load);
    }
}
