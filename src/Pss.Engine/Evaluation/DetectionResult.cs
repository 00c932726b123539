using Pss.Engine.Data;

namespace Pss.Engine.Evaluation;

/// <summary>One detection for the evaluator: an entry of a COCO results file.</summary>
/// <param name="ImageId">The image's id.</param>
/// <param name="CategoryId">The category's id (not the label).</param>
/// <param name="Box">The box in pixels of the original image; not used for masks.</param>
/// <param name="Score">The confidence: any finite number, higher is more confident.</param>
/// <param name="Mask">The mask, needed where masks are evaluated.</param>
internal sealed record DetectionResult(long ImageId, long CategoryId, BoundingBox Box, double Score, RleSegmentation? Mask = null);
