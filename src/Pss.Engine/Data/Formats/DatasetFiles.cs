using Pss.Engine.Evaluation;

namespace Pss.Engine.Data.Formats;

/// <summary>Adds <c>Load</c>, <c>Save</c> and COCO results to <see cref="DetectionDataset"/>.</summary>
public static class DatasetFiles
{
    extension(DetectionDataset)
    {
        /// <summary>Reads a dataset in any supported format, recognized from the file or folder unless <see cref="ReadOptions.Format"/> gives it: COCO JSON,
        /// Pascal VOC XML, YOLO with its data yaml, VoTT JSON and CSV.</summary>
        /// <param name="path">An annotation file (.json, .xml, .yaml, .yml, .csv), or a folder that holds one dataset.</param>
        /// <param name="options">How to read; null takes the defaults. <see cref="ReadOptions.Split"/> chooses among several files.</param>
        /// <exception cref="DatasetException">No dataset was found (the message lists what was searched), several were, or the data is
        /// invalid.</exception>
        public static DetectionDataset Load(string path, ReadOptions? options = null)
        {
            options ??= new();
            options.Validate();
            var (format, file) = DatasetFormats.Recognize(path, options.Split, options.Format);
            return format switch
            {
                DatasetFormat.Coco => CocoReader.Read(file, options),
                DatasetFormat.Voc => VocReader.Read(file, options),
                DatasetFormat.Yolo => YoloReader.Read(file, options),
                _ => VottReader.Read(file, options),
            };
        }

        /// <summary>The splits that <see cref="ReadOptions.Split"/> can choose at that place; none where there is only one set, or no dataset.</summary>
        /// <param name="path">An annotation file or a folder, as for <c>Load</c>.</param>
        public static IReadOnlyList<string> SplitsOf(string path) => DatasetFormats.Splits(path);
    }

    extension(DetectionDataset dataset)
    {
        /// <summary>Writes detections as a COCO results file with the dataset's image and category ids, whole or not at all.</summary>
        /// <param name="path">The JSON file.</param>
        /// <param name="detections">The detections of each image, in the order of <see cref="DetectionDataset.Images"/>.</param>
        /// <exception cref="ArgumentException">The number of lists is not that of the images.</exception>
        public void SaveResults(string path, IReadOnlyList<IReadOnlyList<Detection>> detections) => CocoResults.Write(path, dataset, detections);

        /// <summary>Evaluates a COCO results file of any program against this dataset.</summary>
        /// <param name="path">The JSON file: an array of detections with image_id, category_id, bbox (x, y, width, height), score and, for masks, a
        /// run-length segmentation.</param>
        /// <param name="options">Options; null for the official protocol on boxes.</param>
        /// <exception cref="DatasetException">The file is invalid; the message names file, record and field.</exception>
        /// <exception cref="ArgumentException">A record names an image or category that the dataset lacks; the message names it by its position.</exception>
        public CocoEvaluation EvaluateResults(string path, CocoEvaluatorOptions? options = null)
            => new CocoEvaluator(options).Evaluate(dataset, CocoResults.Read(path));

        /// <summary>Writes a new folder that <c>Load</c> reads, whole or not at all.</summary>
        /// <param name="folder">The folder; it must not exist, or be empty.</param>
        /// <param name="format">COCO, VOC or YOLO.</param>
        /// <param name="validation">Images of a second split named val, beside this one, train; null for none.</param>
        /// <param name="copyImages">Copies the image files; otherwise set <see cref="ReadOptions.ImageFolder"/> when reading.</param>
        /// <returns>The number of objects that the format cannot express and that were left out: YOLO has no crowds.</returns>
        /// <exception cref="ArgumentException">The format is VoTT, which is only read.</exception>
        /// <exception cref="DatasetException">Two images have the same name, a name points outside the folder, or an image to copy has no path.</exception>
        public int Save(string folder, DatasetFormat format, DetectionDataset? validation = null, bool copyImages = false)
        {
            switch (format)
            {
                case DatasetFormat.Coco:
                    CocoWriter.Write(folder, dataset, validation, copyImages);
                    return 0;
                case DatasetFormat.Voc:
                    VocWriter.Write(folder, dataset, validation, copyImages);
                    return 0;
                case DatasetFormat.Yolo:
                    return YoloWriter.Write(folder, dataset, validation, copyImages);
                default:
                    throw new ArgumentException($"{format} cannot be written; take Coco, Voc or Yolo", nameof(format));
            }
        }

        /// <summary>The number of masks that <c>Save</c> leaves out, while it writes the boxes of their objects: VOC has no masks, YOLO only those of one
        /// polygon. Those of objects that are left out do not count.</summary>
        /// <param name="format">COCO, VOC or YOLO.</param>
        public int CountLostMasks(DatasetFormat format) => dataset.Images.Sum(image => image.Objects.Count(item => item.Mask is not null && format switch
        {
            DatasetFormat.Coco => false,
            DatasetFormat.Yolo => !item.IsCrowd && YoloWriter.Outline(item, image) is null,
            _ => true,
        }));
    }
}
