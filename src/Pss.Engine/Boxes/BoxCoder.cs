using static TorchSharp.torch;

namespace Pss.Engine.Boxes;

/// <summary>
/// Boxes in pixels to what a location predicts, and back. Points are [..., 2] and strides [...] of the same locations as the boxes
/// [..., 4]; leading dimensions broadcast. An anchor is the square of <c>anchorScale</c> strides around its point. Results belong to the
/// dispose scope in force.
/// </summary>
public static class BoxCoder
{
    private const double CenterStd = 0.1;
    private const double SizeStd = 0.2;
    private static readonly double MaxLogRatio = Math.Log(1000.0 / 16);

    /// <summary>Predictions to boxes.</summary>
    /// <param name="form">What the predictions mean.</param>
    /// <param name="regression">Predictions, [..., 4].</param>
    /// <param name="points">Locations.</param>
    /// <param name="strides">Strides of the locations.</param>
    /// <param name="anchorScale">Side of an anchor in strides; not used by distances.</param>
    public static Tensor Decode(BoxEncoding form, Tensor regression, Tensor points, Tensor strides, double anchorScale = 8)
    {
        using var scope = NewDisposeScope();
        var first = regression.narrow(-1, 0, 2);
        var second = regression.narrow(-1, 2, 2);
        var unit = strides.unsqueeze(-1);
        if (form == BoxEncoding.Distances)
            return cat([points - first * unit, points.Plus(second * unit)], -1).MoveToOuterDisposeScope();

        var side = unit.Times(anchorScale);
        var center = points.Plus(first.Times(CenterStd) * side);
        var half = (second.Times(SizeStd).Within(-MaxLogRatio, MaxLogRatio).exp() * side).Times(0.5);
        return cat([center - half, center.Plus(half)], -1).MoveToOuterDisposeScope();
    }

    /// <summary>Boxes to predictions: the inverse of <see cref="Decode"/>.</summary>
    /// <param name="form">What the predictions mean.</param>
    /// <param name="boxes">Boxes in pixels, [..., 4]; with an area, if the form is deltas.</param>
    /// <param name="points">Locations.</param>
    /// <param name="strides">Strides of the locations.</param>
    /// <param name="anchorScale">Side of an anchor in strides; not used by distances.</param>
    public static Tensor Encode(BoxEncoding form, Tensor boxes, Tensor points, Tensor strides, double anchorScale = 8)
    {
        using var scope = NewDisposeScope();
        var unit = strides.unsqueeze(-1);
        if (form == BoxEncoding.Distances)
            return (SideDistances(boxes, points) / unit).MoveToOuterDisposeScope();

        var side = unit.Times(anchorScale);
        var topLeft = boxes.narrow(-1, 0, 2);
        var bottomRight = boxes.narrow(-1, 2, 2);
        var shift = ((topLeft.Plus(bottomRight).Times(0.5) - points) / side).Over(CenterStd);
        var ratio = ((bottomRight - topLeft) / side).log().Over(SizeStd);
        return cat([shift, ratio], -1).MoveToOuterDisposeScope();
    }

    /// <summary>Distances (l, t, r, b) in pixels from points to the sides of their boxes, negative outside, [..., 4].</summary>
    /// <param name="boxes">Boxes, [..., 4].</param>
    /// <param name="points">Locations, [..., 2].</param>
    public static Tensor SideDistances(Tensor boxes, Tensor points)
    {
        using var scope = NewDisposeScope();
        return cat([points - boxes.narrow(-1, 0, 2), boxes.narrow(-1, 2, 2) - points], -1).MoveToOuterDisposeScope();
    }

    /// <summary>The anchors of locations, [..., 4].</summary>
    /// <param name="points">Locations, [..., 2].</param>
    /// <param name="strides">Their strides, [...].</param>
    /// <param name="anchorScale">Side of an anchor in strides.</param>
    public static Tensor Anchors(Tensor points, Tensor strides, double anchorScale)
    {
        using var scope = NewDisposeScope();
        var half = strides.Times(anchorScale * 0.5).unsqueeze(-1);
        return cat([points - half, points.Plus(half)], -1).MoveToOuterDisposeScope();
    }
}
