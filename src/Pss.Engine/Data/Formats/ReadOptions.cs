using Pss.Engine.Data.Images;

namespace Pss.Engine.Data.Formats;

/// <summary>How an annotation file is read. The defaults suit a complete dataset: everything is checked and the first fault stops.</summary>
public sealed record ReadOptions
{
    /// <summary>What happens to a record that breaks a rule. A file that cannot be parsed at all always stops.</summary>
    public OnInvalid OnInvalid { get; init; } = OnInvalid.Throw;

    /// <summary>The folder the image names are relative to; null looks in the usual places of the format.</summary>
    public string? ImageFolder { get; init; }

    /// <summary>How far the image files are checked.</summary>
    public ImageCheck Images { get; init; } = ImageCheck.Size;

    /// <summary>"train", "val" or "test" where the path holds several splits; null reads all of YOLO's and VOC's, and asks for a choice among
    /// several JSON or CSV files.</summary>
    public string? Split { get; init; }

    /// <summary>The class names in label order; any other name is a fault. Null takes the file's own list, and where there is none (VOC
    /// without classes.txt, VoTT CSV) the names found, sorted. Give it when a validation set may miss a class.</summary>
    public IReadOnlyList<string>? Categories { get; init; }

    /// <summary>VOC only: corners are 1-based pixel numbers, both inclusive, as in VOC 2007 to 2012, so xmin and ymin are moved by -1. The default
    /// takes the corners as they are, as labelImg and most tools write them.</summary>
    public bool OneBasedVoc { get; init; }

    /// <summary>Larger images are faults: 1 to <see cref="RgbImage.MostPixels"/>. The dataset remembers it for the decoding of its images.</summary>
    public int MaxPixels { get; init; } = ImageDecoding.DefaultMaxPixels;

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentException">A property is out of range; the message names it.</exception>
    public void Validate()
    {
        if (!Enum.IsDefined(OnInvalid))
            throw new ArgumentException($"{nameof(OnInvalid)} is {OnInvalid}; take Throw or Skip");
        if (!Enum.IsDefined(Images))
            throw new ArgumentException($"{nameof(Images)} is {Images}; take None, Exists or Size");
        ImageDecoding.CheckMaxPixels(MaxPixels);
        if (ImageFolder is not null && !Directory.Exists(ImageFolder))
            throw new ArgumentException($"{nameof(ImageFolder)} is '{ImageFolder}', which is no folder");
        if (Categories is not null && Categories.Distinct().Count() != Categories.Count)
            throw new ArgumentException($"{nameof(Categories)} names a class twice: {string.Join(", ", Categories)}");
    }
}
