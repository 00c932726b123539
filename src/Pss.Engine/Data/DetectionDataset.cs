using Pss.Engine.Data.Formats;
using Pss.Engine.Data.Images;

namespace Pss.Engine.Data;

/// <summary>A set of images with annotated objects, independent of the file format.</summary>
public sealed class DetectionDataset
{
    /// <summary>A name for logs and reports.</summary>
    public string Name { get; init; } = "dataset";

    /// <summary>The classes; the index is the label.</summary>
    public required IReadOnlyList<Category> Categories { get; init; }

    /// <summary>The images, in the order of the file.</summary>
    public required IReadOnlyList<ImageRecord> Images { get; init; }

    /// <summary>Loads the pixels of an image, at a size that suffices for the decoding's sizes; called from several threads at once. Null reads the file at
    /// its <see cref="ImageRecord.Path"/>.</summary>
    public Func<ImageRecord, ImageDecoding, RgbImage>? ImageLoader { get; init; }

    /// <summary>The limit within which the images are decoded, in pixels; see <see cref="ReadOptions.MaxPixels"/>.</summary>
    public int MaxPixels { get; init; } = ImageDecoding.DefaultMaxPixels;

    /// <summary>The records skipped under <see cref="OnInvalid.Skip"/>, each with the reason.</summary>
    public IReadOnlyList<DatasetException> Skipped { get; init; } = [];

    /// <summary>What was mended or passed over while reading, each with the reason: the first hundred of each reason.</summary>
    public IReadOnlyList<DatasetException> Notes { get; init; } = [];

    /// <summary>The number of notes by field and reason.</summary>
    internal IReadOnlyDictionary<(string Field, string What), int> NoteCounts { get; init; } = new Dictionary<(string Field, string What), int>();

    /// <summary>Number of annotated objects over all images.</summary>
    public int ObjectCount => Images.Sum(image => image.Objects.Count);

    /// <summary>Loads the pixels of an image.</summary>
    /// <param name="image">One of <see cref="Images"/>.</param>
    /// <param name="decoding">The sizes at which it is needed; <see cref="MaxPixels"/> of the dataset is its limit. Null decodes all pixels.</param>
    /// <exception cref="InvalidDataException">The image has no path, or its file cannot be decoded; the message names it.</exception>
    public RgbImage LoadImage(ImageRecord image, ImageDecoding? decoding = null)
    {
        ArgumentNullException.ThrowIfNull(image);
        decoding = (decoding ?? new()) with { MaxPixels = MaxPixels };
        if (ImageLoader is not null)
            return ImageLoader(image, decoding);
        return RgbImage.Load(image.Path ?? throw new InvalidDataException($"{Name}: {NoPath(image)}"), decoding);
    }

    /// <summary>Checks that every image can be loaded: by <see cref="ImageLoader"/>, or by its path.</summary>
    /// <exception cref="ArgumentException">An image has no path; the message names it.</exception>
    internal void RequireImages()
    {
        if (ImageLoader is null && Images.FirstOrDefault(image => image.Path is null) is { } lost)
            throw new ArgumentException($"{Name}: {NoPath(lost)}");
    }

    /// <summary>The notes and the skipped records, counted by reason: a line for each, with the first records.</summary>
    public IReadOnlyList<string> Account()
    {
        const int Shown = 3;
        return
        [
            .. Notes.GroupBy(note => (note.Field, note.Problem)).Select(group => Line(group.Key.Field, group.Key.Problem, [.. group], NoteCounts.GetValueOrDefault(group.Key, group.Count()))),
            .. Skipped.GroupBy(fault => fault.Field).Select(group => Line(group.Key, $"skipped, such as: {group.First().Problem}", [.. group], group.Count())),
        ];

        static string Line(string field, string what, DatasetException[] records, int count)
        {
            var names = records.Select(item => item.Record.Length > 0 ? item.Record : System.IO.Path.GetFileName(item.File)).Where(name => name.Length > 0).Take(Shown).ToArray();
            var first = string.Join(", ", names) + (count > Shown ? ", ..." : "");
            return $"{(field.Length > 0 ? field + ": " : "")}{what}{(count > 1 ? $": {count} times" : "")} ({first})";
        }
    }

    /// <summary>Splits the images at random into two sets with the same categories, in the order of the dataset.</summary>
    /// <param name="validationFraction">The fraction of images for validation, above 0 and below 1; each set gets at least one image.</param>
    /// <param name="seed">The same seed gives the same split.</param>
    /// <exception cref="ArgumentOutOfRangeException">The fraction is out of range, or there are fewer than two images.</exception>
    public (DetectionDataset Train, DetectionDataset Validation) Split(double validationFraction, long seed)
    {
        if (!(validationFraction > 0 && validationFraction < 1))
            throw new ArgumentOutOfRangeException(nameof(validationFraction), validationFraction, "choose a fraction above 0 and below 1");
        if (Images.Count < 2)
            throw new InvalidOperationException($"There is {Images.Count} image: two parts need two.");
        var order = Enumerable.Range(0, Images.Count).ToArray();
        new SeededRandom(seed).Shuffle<int>(order);
        var count = Math.Clamp((int)Math.Round(Images.Count * validationFraction), 1, Images.Count - 1);
        return (Subset($"{Name}-train", order[count..]), Subset($"{Name}-val", order[..count]));
    }

    /// <summary>Checks that the labels have the same meaning as a detector's.</summary>
    /// <exception cref="ArgumentException">Classes differ, or have another order.</exception>
    internal void CheckClasses(IReadOnlyList<string> classes)
    {
        var own = Categories.Select(category => category.Name).ToArray();
        if (!own.SequenceEqual(classes))
        {
            throw new ArgumentException(
                $"{Name} has the classes {string.Join(", ", own)} where the detector has {string.Join(", ", classes)}: read it with ReadOptions.Categories set to the detector's.");
        }
    }

    private static string NoPath(ImageRecord image) => $"the image '{image.FileName}' has no path; read the dataset with its images";

    private DetectionDataset Subset(string name, int[] indices) => new()
    {
        Name = name,
        Categories = Categories,
        Images = [.. indices.Order().Select(index => Images[index])],
        ImageLoader = ImageLoader,
        Notes = Notes,
        NoteCounts = NoteCounts,
        Skipped = Skipped,
        MaxPixels = MaxPixels,
    };
}
