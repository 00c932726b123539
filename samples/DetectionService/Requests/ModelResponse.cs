namespace DetectionService.Requests;

/// <summary>What is served.</summary>
/// <param name="Model">The file's name.</param>
/// <param name="Classes">The names of the classes.</param>
/// <param name="MaxBytes">Largest image file in bytes.</param>
/// <param name="MaxPixels">Most pixels of an image.</param>
internal sealed record ModelResponse(string Model, IReadOnlyList<string> Classes, int MaxBytes, int MaxPixels);
