namespace Pss.Engine.Data;

public sealed partial class DetectionDataset
{
    /// <summary>Reads a dataset in any of the known forms, recognised from the file or folder: COCO JSON, Pascal VOC XML, YOLO with its data yaml,
    /// VoTT JSON and CSV.</summary>
    /// <param name="path">An annotation file (.json, .xml, .yaml, .yml, .csv), or a folder that holds one dataset.</param>
    /// <param name="options">How to read; null takes the defaults. <see cref="ReadOptions.Split"/> chooses among several files.</param>
    /// <exception cref="DatasetException">Nothing known was found (the message says what was looked for), several were, or the data has a
    /// fault.</exception>
    public static DetectionDataset Load(string path, ReadOptions? options = null)
    {
        options ??= new();
        options.Validate();
        var (format, file) = DatasetFormats.Recognise(path, options.Split);
        return format switch
        {
            DatasetFormat.Coco => CocoReader.Read(file, options),
            DatasetFormat.Voc => VocReader.Read(file, options),
            DatasetFormat.Yolo => YoloReader.Read(file, options),
            _ => VottReader.Read(file, options),
        };
    }

    /// <summary>Divides the images at random into two sets that keep the categories and the order of the images.</summary>
    /// <param name="validationFraction">The share of images that goes to validation, above 0 and below 1; each side gets at least one image.</param>
    /// <param name="seed">The same seed gives the same split.</param>
    /// <exception cref="ArgumentOutOfRangeException">The fraction is out of range, or there are fewer than two images.</exception>
    public (DetectionDataset Train, DetectionDataset Validation) Split(double validationFraction, long seed)
    {
        if (!(validationFraction > 0 && validationFraction < 1))
            throw new ArgumentOutOfRangeException(nameof(validationFraction), validationFraction, "take a share above 0 and below 1");
        ArgumentOutOfRangeException.ThrowIfLessThan(Images.Count, 2, "Images.Count");
        var order = Enumerable.Range(0, Images.Count).ToArray();
        new SeededRandom(seed).Shuffle<int>(order);
        var count = Math.Clamp((int)Math.Round(Images.Count * validationFraction), 1, Images.Count - 1);
        return (Subset($"{Name}-train", order[count..]), Subset($"{Name}-val", order[..count]));
    }

    private DetectionDataset Subset(string name, int[] indices) =>
        new() { Name = name, Categories = Categories, Images = [.. indices.Order().Select(index => Images[index])], MaxPixels = MaxPixels };
}
