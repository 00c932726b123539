using Pss.Engine.Data;

namespace Pss.Tool;

/// <summary>An image and what was found in it.</summary>
/// <param name="File">Its file.</param>
/// <param name="Height">Its height in pixels.</param>
/// <param name="Width">Its width in pixels.</param>
/// <param name="Found">The detections.</param>
/// <param name="Fault">Why it could not be read; null where it could.</param>
internal sealed record ScoredImage(string File, int Height, int Width, IReadOnlyList<Detection> Found, string? Fault = null);
