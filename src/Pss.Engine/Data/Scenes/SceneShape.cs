using System.Numerics;

namespace Pss.Engine.Data.Scenes;

/// <summary>The pose of a shape, without its position.</summary>
internal readonly record struct ShapePose(int Label, double Size, double Angle, double Aspect, double Variation);

/// <summary>A placed shape: closed contours in pixels; inner contours run in the opposite direction.</summary>
internal sealed record SceneShape(ShapePose Pose, Vector2[][] Contours, BoundingBox Box)
{
    private const int CirclePoints = 64;

    public int Label => Pose.Label;

    /// <summary>A shape whose box is centered at the origin and has the longer side of the pose.</summary>
    public static SceneShape Make(ShapePose pose)
    {
        var contours = Unit(pose.Label, pose.Variation);
        var turn = Matrix3x2.CreateScale(1, (float)pose.Aspect) * Matrix3x2.CreateRotation((float)pose.Angle);
        foreach (var contour in contours) Transform(contour, turn);
        var box = Bounds(contours);
        var fit = Matrix3x2.CreateTranslation(-(float)(box.X + box.Width / 2), -(float)(box.Y + box.Height / 2))
            * Matrix3x2.CreateScale((float)(pose.Size / Math.Max(box.Width, box.Height)));
        foreach (var contour in contours) Transform(contour, fit);
        return new SceneShape(pose, contours, Bounds(contours));
    }

    public SceneShape MoveTo(double x, double y)
    {
        var contours = Array.ConvertAll(Contours, contour => (Vector2[])contour.Clone());
        foreach (var contour in contours) Transform(contour, Matrix3x2.CreateTranslation((float)x, (float)y));
        return this with { Contours = contours, Box = Bounds(contours) };
    }

    public bool Contains(float x, float y)
    {
        var inside = false;
        foreach (var contour in Contours)
            for (int i = 0, j = contour.Length - 1; i < contour.Length; j = i++)
                if (contour[i].Y > y != contour[j].Y > y
                    && x < contour[i].X + (y - contour[i].Y) / (contour[j].Y - contour[i].Y) * (contour[j].X - contour[i].X))
                    inside = !inside;
        return inside;
    }

    private static Vector2[][] Unit(int label, double variation) => label switch
    {
        0 => [Star(CirclePoints, 1, 1)],
        1 => [Star(4, 1, 1)],
        2 => [Star(3, 1, 1)],
        3 => [Star(10, 1, 0.42 + 0.1 * variation)],
        4 => [Star(CirclePoints, 1, 1), [.. Star(CirclePoints, 0.5 + 0.2 * variation, 0.5 + 0.2 * variation).Reverse()]],
        5 => [Cross((float)(0.26 + 0.1 * variation))],
        _ => throw new ArgumentOutOfRangeException(nameof(label)),
    };

    // Corners at equal angles, alternating between two radii: every shape except the cross.
    private static Vector2[] Star(int corners, double even, double odd)
    {
        var points = new Vector2[corners];
        for (var i = 0; i < corners; i++)
        {
            var (sin, cos) = Math.SinCos(2 * Math.PI * i / corners);
            var radius = i % 2 == 0 ? even : odd;
            points[i] = new Vector2((float)(radius * cos), (float)(radius * sin));
        }
        return points;
    }

    private static Vector2[] Cross(float arm) =>
    [
        new(1, -arm), new(1, arm), new(arm, arm), new(arm, 1), new(-arm, 1), new(-arm, arm),
        new(-1, arm), new(-1, -arm), new(-arm, -arm), new(-arm, -1), new(arm, -1), new(arm, -arm),
    ];

    private static void Transform(Vector2[] points, Matrix3x2 matrix)
    {
        for (var i = 0; i < points.Length; i++) points[i] = Vector2.Transform(points[i], matrix);
    }

    private static BoundingBox Bounds(Vector2[][] contours)
    {
        var (low, high) = (contours[0][0], contours[0][0]);
        foreach (var point in contours[0]) (low, high) = (Vector2.Min(low, point), Vector2.Max(high, point));
        return BoundingBox.FromCorners(low.X, low.Y, high.X, high.Y);
    }
}
