using Pss.Engine.Data;

namespace Pss.Engine.Evaluation;

/// <summary>Overlap of two boxes as in the COCO protocol.</summary>
internal static class BoxOverlap
{
    /// <summary>Intersection over union, from 0 to 1; for a crowd, intersection over the detection's area. Boxes that only touch do not overlap.</summary>
    public static double IoU(BoundingBox detection, BoundingBox groundTruth, bool isCrowd = false)
    {
        var width = Math.Min(detection.X2, groundTruth.X2) - Math.Max(detection.X, groundTruth.X);
        var height = Math.Min(detection.Y2, groundTruth.Y2) - Math.Max(detection.Y, groundTruth.Y);
        if (width <= 0 || height <= 0)
            return 0;
        var common = width * height;
        return common / (isCrowd ? detection.Area : detection.Area + groundTruth.Area - common);
    }
}
