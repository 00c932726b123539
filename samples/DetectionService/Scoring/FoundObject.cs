namespace DetectionService.Scoring;

/// <summary>A detected object.</summary>
/// <param name="Class">Its class.</param>
/// <param name="Score">Its score, 0 to 1.</param>
/// <param name="Box">Its box in pixels of the upright picture.</param>
internal sealed record FoundObject(string Class, float Score, FoundBox Box);
