namespace Pss.Engine.Data;

/// <summary>A set of images with annotated objects, whatever the format it was read from.</summary>
public sealed partial class DetectionDataset
{
    /// <summary>A name for logs and reports.</summary>
    public string Name { get; init; } = "dataset";

    /// <summary>The classes; the index is the label.</summary>
    public required IReadOnlyList<Category> Categories { get; init; }

    /// <summary>The images, in the order of the file.</summary>
    public required IReadOnlyList<ImageRecord> Images { get; init; }

    /// <summary>The limit within which the images are decoded, in pixels; see <see cref="ReadOptions.MaxPixels"/>.</summary>
    public int MaxPixels { get; init; } = ImageDecoding.DefaultMaxPixels;

    /// <summary>The records left out under <see cref="OnInvalid.Skip"/>, each with its reason.</summary>
    public IReadOnlyList<DatasetException> Skipped { get; init; } = [];

    /// <summary>Number of annotated objects over all images.</summary>
    public int ObjectCount => Images.Sum(image => image.Objects.Count);

    /// <summary>Checks that labels mean the same here as in a detector.</summary>
    /// <exception cref="ArgumentException">Classes differ, or stand in another order.</exception>
    internal void CheckClasses(IReadOnlyList<string> classes)
    {
        var own = Categories.Select(category => category.Name).ToArray();
        if (!own.SequenceEqual(classes))
        {
            throw new ArgumentException(
                $"{Name} has the classes {string.Join(", ", own)} where the detector has {string.Join(", ", classes)}: read it with ReadOptions.Categories set to the detector's.");
        }
    }
}
