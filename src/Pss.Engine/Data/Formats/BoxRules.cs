using System.Globalization;
using Pss.Engine.Data.Images;

namespace Pss.Engine.Data.Formats;

/// <summary>What a box and an image size must keep to.</summary>
internal static class BoxRules
{
    /// <summary>Pixels a box may stick out of its image: tools round, and VOC counts from 1.</summary>
    private const double Tolerance = 1;

    /// <summary>What is wrong with the box, or null.</summary>
    public static string? Problem(BoundingBox box, int imageWidth, int imageHeight)
    {
        if (!double.IsFinite(box.X) || !double.IsFinite(box.Y) || !double.IsFinite(box.X2) || !double.IsFinite(box.Y2))
            return $"the box {Corners(box)} is not made of finite numbers";
        if (!(box.Width > 0 && box.Height > 0))
            return $"the box {Corners(box)} is empty or inverted";
        if (box.X < -Tolerance || box.Y < -Tolerance || box.X2 > imageWidth + Tolerance || box.Y2 > imageHeight + Tolerance)
            return $"the box {Corners(box)} lies outside the image of {imageWidth} x {imageHeight}";
        return null;
    }

    private static string Corners(BoundingBox box) => string.Create(CultureInfo.InvariantCulture, $"({box.X}, {box.Y}) to ({box.X2}, {box.Y2})");

    /// <summary>What is wrong with a polygon, or null. Corners may lie up to one image size outside.</summary>
    public static string? Problem(IReadOnlyList<double> polygon, int imageWidth, int imageHeight)
    {
        if (polygon.Count < 6 || polygon.Count % 2 != 0)
            return $"a polygon of {polygon.Count} numbers; at least three corners of x and y are needed";
        for (var i = 0; i < polygon.Count; i++)
        {
            var size = i % 2 == 0 ? imageWidth : imageHeight;
            if (!(polygon[i] >= -size && polygon[i] <= 2.0 * size))
                return $"a polygon's corner lies far outside the image of {imageWidth} x {imageHeight}, or is no number";
        }
        return null;
    }

    /// <summary>What is wrong with an image size, or null.</summary>
    public static string? SizeProblem(double width, double height, int maxPixels)
    {
        if (!(width >= 1 && height >= 1 && width == Math.Floor(width) && height == Math.Floor(height)))
            return string.Create(CultureInfo.InvariantCulture, $"{width} x {height} is no image size");
        return width * height > maxPixels ? ImageDecoding.TooLarge(width, height, maxPixels) : null;
    }

    /// <summary>A number within 1e-9 of one with at most six decimals is taken as that: it undoes the rounding of a format's arithmetic.</summary>
    public static double Snap(double value)
    {
        var near = Math.Round(value, 6);
        return Math.Abs(near - value) <= 1e-9 ? near : value;
    }

    /// <summary>The box around a polygon.</summary>
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
