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

    /// <summary>The records left out under <see cref="OnInvalid.Skip"/>, each with its reason.</summary>
    public IReadOnlyList<DatasetException> Skipped { get; init; } = [];

    /// <summary>Number of annotated objects over all images.</summary>
    public int ObjectCount => Images.Sum(image => image.Objects.Count);
}
