namespace Pss.Engine.Data;

/// <summary>One image of a dataset and the objects in it.</summary>
public sealed record ImageRecord
{
    /// <summary>The id in the annotation file, or the 1-based position where the format has none.</summary>
    public required long Id { get; init; }

    /// <summary>The file's name as the annotations give it.</summary>
    public required string FileName { get; init; }

    /// <summary>Width in pixels.</summary>
    public required int Width { get; init; }

    /// <summary>Height in pixels.</summary>
    public required int Height { get; init; }

    /// <summary>The annotated objects; empty if the image has none.</summary>
    public IReadOnlyList<ObjectAnnotation> Objects { get; init; } = [];

    /// <summary>Number of objects that were skipped as invalid: their places are not background.</summary>
    internal int SkippedObjects { get; init; }

    /// <summary>Full path on disk, or null where the dataset was read without its images.</summary>
    public string? Path { get; init; }
}
