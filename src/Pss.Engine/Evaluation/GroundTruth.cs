using Pss.Engine.Data;

namespace Pss.Engine.Evaluation;

/// <summary>One annotated object for the evaluator.</summary>
/// <param name="ImageId">The image's id.</param>
/// <param name="CategoryId">Its category's id (not the label).</param>
/// <param name="Box">Its box in pixels of the original image.</param>
/// <param name="Area">The area in square pixels that classifies the object as small, medium or large: the annotation's "area" field, in COCO
/// the mask's area.</param>
/// <param name="IsCrowd">True for a region covering a group: it is never counted as missed, matches any number of detections, and its overlap
/// is the intersection over the detection's area.</param>
/// <param name="Mask">The mask, needed where masks are evaluated.</param>
internal sealed record GroundTruth(long ImageId, long CategoryId, BoundingBox Box, double Area, bool IsCrowd = false, RleSegmentation? Mask = null);
