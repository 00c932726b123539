using DetectionService.Scoring;

namespace DetectionService.Requests;

/// <summary>The answer to an image.</summary>
/// <param name="Width">Width of the upright picture in pixels.</param>
/// <param name="Height">Height of the upright picture in pixels.</param>
/// <param name="Detections">The objects in descending score order.</param>
internal sealed record DetectResponse(int Width, int Height, IReadOnlyList<FoundObject> Detections);
