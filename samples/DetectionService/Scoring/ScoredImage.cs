namespace DetectionService.Scoring;

/// <summary>The objects in an image in descending score order, or why the image cannot be read.</summary>
internal readonly record struct ScoredImage(IReadOnlyList<FoundObject> Objects, string? Problem = null)
{
    public static ScoredImage Unreadable(Exception error) => new([], error.Message);
}
