using static TorchSharp.torch;

namespace Pss.Engine.Boxes;

/// <summary>
/// Boxes in pixels to what a location predicts, and back. Points are [..., 2] and strides [...] of the same locations as the boxes
/// [..., 4]; leading dimensions broadcast. An anchor is the square of <c>anchorScale</c> strides around its point.
/// </summary>
public static class BoxCoder
{
    private const double CenterDeviation = 0.1;
    private const double SizeDeviation = 0.2;
    private static readonly double MaxLogRatio = Math.Log(1000.0 / 16);

    /// <summary>Predictions to boxes.</summary>
    /// <param name="form">What the predictions mean.</param>
    /// <param name="regression">Predictions, [..., 4].</param>
    /// <param name="points">Locations.</param>
    /// <param name="strides">Strides of the locations.</param>
    /// <param name="anchorScale">Side of an anchor in strides; not used by distances.</param>
    public static Tensor Decode(BoxForm form, Tensor regression, Tensor points, Tensor strides, double anchorScale = 8)
    {
        var first = regression.narrow(-1, 0, 2);
        var second = regression.narrow(-1, 2, 2);
        var unit = strides.unsqueeze(-1);
        if (form == BoxForm.Distances)
            return cat([points - first * unit, points + second * unit], -1);

        var side = unit * anchorScale;
        var center = points + first * CenterDeviation * side;
        var half = (second * SizeDeviation).clamp(-MaxLogRatio, MaxLogRatio).exp() * side * 0.5;
        return cat([center - half, center + half], -1);
    }

    /// <summary>Boxes to predictions: the inverse of <see cref="Decode"/>.</summary>
    /// <param name="form">What the predictions mean.</param>
    /// <param name="boxes">Boxes in pixels, [..., 4]; with an area, if the form is deltas.</param>
    /// <param name="points">Locations.</param>
    /// <param name="strides">Strides of the locations.</param>
    /// <param name="anchorScale">Side of an anchor in strides; not used by distances.</param>
    public static Tensor Encode(BoxForm form, Tensor boxes, Tensor points, Tensor strides, double anchorScale = 8)
    {
        var unit = strides.unsqueeze(-1);
        if (form == BoxForm.Distances)
            return SideDistances(boxes, points) / unit;

        var side = unit * anchorScale;
        var topLeft = boxes.narrow(-1, 0, 2);
        var bottomRight = boxes.narrow(-1, 2, 2);
        var shift = ((topLeft + bottomRight) * 0.5 - points) / side / CenterDeviation;
        var ratio = ((bottomRight - topLeft) / side).log() / SizeDeviation;
        return cat([shift, ratio], -1);
    }

    /// <summary>Distances (l, t, r, b) in pixels from points to the sides of their boxes, negative outside, [..., 4].</summary>
    /// <param name="boxes">Boxes, [..., 4].</param>
    /// <param name="points">Locations, [..., 2].</param>
    public static Tensor SideDistances(Tensor boxes, Tensor points) =>
        cat([points - boxes.narrow(-1, 0, 2), boxes.narrow(-1, 2, 2) - points], -1);

    /// <summary>The anchors of locations, [..., 4].</summary>
    /// <param name="points">Locations, [..., 2].</param>
    /// <param name="strides">Their strides, [...].</param>
    /// <param name="anchorScale">Side of an anchor in strides.</param>
    public static Tensor Anchors(Tensor points, Tensor strides, double anchorScale)
    {
        var half = (strides * (anchorScale * 0.5)).unsqueeze(-1);
        return cat([points - half, points + half], -1);
    }
}
