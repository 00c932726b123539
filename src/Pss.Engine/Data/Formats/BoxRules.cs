using System.Globalization;
using Pss.Engine.Data.Images;

namespace Pss.Engine.Data.Formats;

/// <summary>Rules that boxes, polygons and image sizes must satisfy.</summary>
internal static class BoxRules
{
    /// <summary>Pixels by which a box may extend beyond its image: tools round, and VOC counts from 1.</summary>
    private const double Tolerance = 1;

    /// <summary>Describes what is wrong with a box beyond repair; null if nothing is.</summary>
    public static string? Problem(BoundingBox box, int imageWidth, int imageHeight)
    {
        if (!double.IsFinite(box.X) || !double.IsFinite(box.Y) || !double.IsFinite(box.X2) || !double.IsFinite(box.Y2))
            return $"the box {Corners(box)} has a coordinate that is not finite";
        if (box.Width < 0 || box.Height < 0)
            return $"the box {Corners(box)} is inverted";
        if (box.X > imageWidth + Tolerance || box.Y > imageHeight + Tolerance || box.X2 < -Tolerance || box.Y2 < -Tolerance)
            return $"the box {Corners(box)} is outside the image of {imageWidth} x {imageHeight}";
        return null;
    }

    /// <summary>Whether a box has no area: it is left out, as COCO's own files hold a few.</summary>
    public static bool IsFlat(BoundingBox box) => box.Width == 0 || box.Height == 0;

    /// <summary>Describes how a box reaches over the edge; null if it does not.</summary>
    public static string? OverEdge(BoundingBox box, int imageWidth, int imageHeight)
        => box.X < -Tolerance || box.Y < -Tolerance || box.X2 > imageWidth + Tolerance || box.Y2 > imageHeight + Tolerance
            ? $"the box {Corners(box)} reaches over the edge of the image of {imageWidth} x {imageHeight}" : null;

    /// <summary>The part of a box inside the image.</summary>
    public static BoundingBox Clip(BoundingBox box, int imageWidth, int imageHeight) => BoundingBox.FromCorners(
        Math.Clamp(box.X, 0, imageWidth), Math.Clamp(box.Y, 0, imageHeight), Math.Clamp(box.X2, 0, imageWidth), Math.Clamp(box.Y2, 0, imageHeight));

    private static string Corners(BoundingBox box) => string.Create(CultureInfo.InvariantCulture, $"({box.X}, {box.Y}) to ({box.X2}, {box.Y2})");

    /// <summary>Describes what is wrong with a polygon; null if nothing is. Corners may be up to one image size outside.</summary>
    public static string? Problem(IReadOnlyList<double> polygon, int imageWidth, int imageHeight)
    {
        if (polygon.Count < 6 || polygon.Count % 2 != 0)
            return $"a polygon has {polygon.Count} numbers; it needs x and y of at least three corners";
        for (var i = 0; i < polygon.Count; i++)
        {
            var size = i % 2 == 0 ? imageWidth : imageHeight;
            if (!(polygon[i] >= -size && polygon[i] <= 2.0 * size))
                return $"a polygon's corner is far outside the image of {imageWidth} x {imageHeight}, or is not a number";
        }
        return null;
    }

    /// <summary>Describes what is wrong with an image size; null if nothing is.</summary>
    public static string? SizeProblem(double width, double height, int maxPixels)
    {
        if (!(width >= 1 && height >= 1 && width == Math.Floor(width) && height == Math.Floor(height)))
            return string.Create(CultureInfo.InvariantCulture, $"{width} x {height} is not an image size: both sides must be whole numbers of at least 1");
        return width * height > maxPixels ? ImageDecoding.TooLarge(width, height, maxPixels) : null;
    }

    /// <summary>Rounds a value within 1e-9 of a number with at most six decimals to that number, which undoes the rounding of a format's arithmetic.</summary>
    public static double Snap(double value)
    {
        var near = Math.Round(value, 6);
        return Math.Abs(near - value) <= 1e-9 ? near : value;
    }

    /// <summary>The bounding box of a polygon.</summary>
    public static BoundingBox Around(IReadOnlyList<double> polygon)
    {
        double x1 = double.PositiveInfinity, y1 = x1, x2 = double.NegativeInfinity, y2 = x2;
        for (var i = 0; i + 1 < polygon.Count; i += 2)
        {
            (x1, x2) = (Math.Min(x1, polygon[i]), Math.Max(x2, polygon[i]));
            (y1, y2) = (Math.Min(y1, polygon[i + 1]), Math.Max(y2, polygon[i + 1]));
        }
        return BoundingBox.FromCorners(x1, y1, x2, y2);
    }
}
