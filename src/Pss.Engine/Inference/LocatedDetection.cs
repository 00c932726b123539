using Pss.Engine.Data;

namespace Pss.Engine.Inference;

/// <summary>A detection and the location that predicted it.</summary>
/// <param name="Detection">The detection.</param>
/// <param name="Location">Index of the location, 0 to L-1; a Single holds it exactly up to 16 million.</param>
internal readonly record struct LocatedDetection(Detection Detection, long Location);
