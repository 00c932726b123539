namespace Pss.Engine.Data.Augmentation;

/// <summary>An affine map of positions in continuous pixels: x' = XX x + XY y + X0, y' = YX x + YY y + Y0.</summary>
internal readonly record struct AffineTransform(double XX, double XY, double X0, double YX, double YY, double Y0)
{
    /// <summary>Scale along the axes, then translation.</summary>
    public static AffineTransform ScaleAndMove(double scaleX, double scaleY, double x, double y) => new(scaleX, 0, x, 0, scaleY, y);

    /// <summary>Scale, shear and rotation about a point, then translation; angles in degrees, counted from x to y.</summary>
    public static AffineTransform About(double x, double y, double rotation, double shearX, double shearY, double scale, double moveX, double moveY)
    {
        var (sin, cos) = Math.SinCos(double.DegreesToRadians(rotation));
        var (tanX, tanY) = (Math.Tan(double.DegreesToRadians(shearX)), Math.Tan(double.DegreesToRadians(shearY)));
        return ScaleAndMove(scale, scale, -scale * x, -scale * y)
            .Then(new(1, tanX, 0, tanY, 1, 0))
            .Then(new(cos, -sin, x + moveX, sin, cos, y + moveY));
    }

    /// <summary>Whether rectangles stay rectangles with the same sides.</summary>
    public bool KeepsRectangles => XY == 0 && YX == 0;

    /// <summary>This map, then another.</summary>
    public AffineTransform Then(AffineTransform next) => new(
        next.XX * XX + next.XY * YX, next.XX * XY + next.XY * YY, next.XX * X0 + next.XY * Y0 + next.X0,
        next.YX * XX + next.YY * YX, next.YX * XY + next.YY * YY, next.YX * X0 + next.YY * Y0 + next.Y0);

    /// <summary>The map back.</summary>
    public AffineTransform Inverse()
    {
        var determinant = XX * YY - XY * YX;
        var (a, b, c, d) = (YY / determinant, -XY / determinant, -YX / determinant, XX / determinant);
        return new(a, b, -a * X0 - b * Y0, c, d, -c * X0 - d * Y0);
    }

    /// <summary>Maps a position.</summary>
    public (double X, double Y) Map(double x, double y) => (XX * x + XY * y + X0, YX * x + YY * y + Y0);
}
