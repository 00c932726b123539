namespace DetectionService.Scoring;

/// <summary>A box in pixels of the upright picture: left, top, right, bottom.</summary>
internal sealed record FoundBox(float X0, float Y0, float X1, float Y1);
