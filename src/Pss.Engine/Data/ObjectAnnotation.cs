namespace Pss.Engine.Data;

/// <summary>One annotated object of an image.</summary>
public sealed record ObjectAnnotation
{
    private readonly double _area = double.NaN;

    /// <summary>The id in the annotation file, or the 1-based position where the format has none.</summary>
    public long Id { get; init; }

    /// <summary>Index into <see cref="DetectionDataset.Categories"/>.</summary>
    public required int Label { get; init; }

    /// <summary>The box in pixels of the original image.</summary>
    public required BoundingBox Box { get; init; }

    /// <summary>True for a region that covers a group of objects; it is excluded from training and ignored in evaluation.</summary>
    public bool IsCrowd { get; init; }

    /// <summary>The area in square pixels by which the COCO protocol classifies sizes: the mask's if the file states it, else the box's.</summary>
    public double Area { get => double.IsNaN(_area) ? Box.Area : _area; init => _area = value; }

    /// <summary>The object's mask, or null if the file has none.</summary>
    public Segmentation? Mask { get; init; }

    /// <inheritdoc/>
    public bool Equals(ObjectAnnotation? other) => other is not null && Id == other.Id && Label == other.Label && Box == other.Box
        && IsCrowd == other.IsCrowd && Area.Equals(other.Area) && Equals(Mask, other.Mask);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Id, Label, Box, IsCrowd);
}
