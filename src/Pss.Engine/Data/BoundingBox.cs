namespace Pss.Engine.Data;

/// <summary>An axis-aligned box in pixels of the original image, in continuous coordinates: width = x2 - x1, without "+ 1".</summary>
/// <param name="X">Left edge.</param>
/// <param name="Y">Top edge.</param>
/// <param name="Width">Width.</param>
/// <param name="Height">Height.</param>
public readonly record struct BoundingBox(double X, double Y, double Width, double Height)
{
    /// <summary>Right edge.</summary>
    public double X2 => X + Width;

    /// <summary>Bottom edge.</summary>
    public double Y2 => Y + Height;

    /// <summary>Width times height, in square pixels.</summary>
    public double Area => Width * Height;

    /// <summary>Makes a box from its left, top, right and bottom edges.</summary>
    public static BoundingBox FromCorners(double x1, double y1, double x2, double y2) => new(x1, y1, x2 - x1, y2 - y1);
}
