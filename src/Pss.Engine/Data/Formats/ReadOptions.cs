using Pss.Engine.Data.Images;

namespace Pss.Engine.Data.Formats;

/// <summary>Options for reading annotation files. By default everything is checked, and the first fault throws.</summary>
public sealed record ReadOptions
{
    /// <summary>What happens to an invalid record. A file that cannot be parsed always throws.</summary>
    public OnInvalid OnInvalid { get; init; } = OnInvalid.Throw;

    /// <summary>The format; null recognizes it.</summary>
    public DatasetFormat? Format { get; init; }

    /// <summary>The folder that image names are relative to; null searches the usual folders of the format.</summary>
    public string? ImageFolder { get; init; }

    /// <summary>Whether every image file must exist and have the stated size; only its header is read. Otherwise an image that is not found has a null
    /// <see cref="ImageRecord.Path"/>. YOLO's files hold no image sizes, so that its images are always read.</summary>
    public bool CheckImages { get; init; } = true;

    /// <summary>"train", "val" or "test" where the path holds several splits; null reads all splits of YOLO and VOC, and throws for
    /// several JSON or CSV files.</summary>
    public string? Split { get; init; }

    /// <summary>The class names in label order; any other name is a fault. Null takes the file's list, or if it has none (VOC
    /// without classes.txt, VoTT CSV) the names found, sorted. Set it when a validation set may lack a class.</summary>
    public IReadOnlyList<string>? Categories { get; init; }

    /// <summary>VOC only: whether corners are 1-based, inclusive pixel numbers, as in VOC 2007 to 2012, so that 1 is subtracted from xmin and ymin. By default
    /// corners are used as they are, as labelImg and most tools write them.</summary>
    public bool OneBasedVoc { get; init; }

    /// <summary>Larger images are faults: 1 to <see cref="RgbImage.MaxPixels"/> pixels. The dataset keeps the limit for decoding its images.</summary>
    public int MaxPixels { get; init; } = ImageDecoding.DefaultMaxPixels;

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentException">A property is out of range; the message names it.</exception>
    public void Validate()
    {
        if (!Enum.IsDefined(OnInvalid))
            throw new ArgumentException($"{nameof(OnInvalid)} is {OnInvalid}; take Throw or Skip");
        if (Format is { } format && !Enum.IsDefined(format))
            throw new ArgumentException($"{nameof(Format)} is {format}; take Coco, Voc, Yolo or Vott, or null to recognize it");
        ImageDecoding.CheckMaxPixels(MaxPixels);
        if (ImageFolder is not null && !Directory.Exists(ImageFolder))
            throw new ArgumentException($"{nameof(ImageFolder)} is '{ImageFolder}', which is not an existing folder");
        if (Categories is not null && Categories.Distinct().Count() != Categories.Count)
            throw new ArgumentException($"{nameof(Categories)} names a class twice: {string.Join(", ", Categories)}");
    }
}
