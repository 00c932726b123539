namespace Pss.Engine.Data.Formats;

/// <summary>Adds <c>DetectionDataset.Load</c>, which recognizes the format.</summary>
public static class DatasetLoading
{
    extension(DetectionDataset)
    {
        /// <summary>Reads a dataset in any supported format, recognized from the file or folder: COCO JSON, Pascal VOC XML, YOLO with its data yaml,
        /// VoTT JSON and CSV.</summary>
        /// <param name="path">An annotation file (.json, .xml, .yaml, .yml, .csv), or a folder that holds one dataset.</param>
        /// <param name="options">How to read; null takes the defaults. <see cref="ReadOptions.Split"/> chooses among several files.</param>
        /// <exception cref="DatasetException">No dataset was found (the message lists what was searched), several were, or the data is
        /// invalid.</exception>
        public static DetectionDataset Load(string path, ReadOptions? options = null)
        {
            options ??= new();
            options.Validate();
            var (format, file) = DatasetFormats.Recognize(path, options.Split);
            return format switch
            {
                DatasetFormat.Coco => CocoReader.Read(file, options),
                DatasetFormat.Voc => VocReader.Read(file, options),
                DatasetFormat.Yolo => YoloReader.Read(file, options),
                _ => VottReader.Read(file, options),
            };
        }
    }
}
