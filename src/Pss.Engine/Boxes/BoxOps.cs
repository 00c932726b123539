using static TorchSharp.torch;

namespace Pss.Engine.Boxes;

/// <summary>
/// Geometry of boxes (x1, y1, x2, y2) in continuous pixels, no "+1". A and B below count boxes; leading dimensions broadcast.
/// Results belong to the dispose scope in force.
/// </summary>
internal static class BoxOps
{
    /// <summary>Widths times heights, [..., A] of [..., A, 4].</summary>
    /// <param name="boxes">The boxes.</param>
    public static Tensor Area(Tensor boxes)
    {
        using var scope = NewDisposeScope();
        var (x1, y1, x2, y2) = Sides(boxes);
        return ((x2 - x1) * (y2 - y1)).MoveToOuterDisposeScope();
    }

    /// <summary>IoU of every a with every b, [..., A, B].</summary>
    /// <param name="a">[..., A, 4].</param>
    /// <param name="b">[..., B, 4].</param>
    /// <param name="epsilon">Least union.</param>
    public static Tensor IouMatrix(Tensor a, Tensor b, double epsilon = 1e-6)
    {
        using var scope = NewDisposeScope();
        var (ax1, ay1, ax2, ay2) = Sides(a.unsqueeze(-2));
        var (bx1, by1, bx2, by2) = Sides(b.unsqueeze(-3));
        var width = (minimum(ax2, bx2) - maximum(ax1, bx1)).AtLeast(0);
        var height = (minimum(ay2, by2) - maximum(ay1, by1)).AtLeast(0);
        var intersection = width * height;
        var union = ((ax2 - ax1) * (ay2 - ay1)).Plus((bx2 - bx1) * (by2 - by1)) - intersection;
        return (intersection / union.AtLeast(epsilon)).MoveToOuterDisposeScope();
    }

    /// <summary>IoU of pairs, [..., A].</summary>
    /// <param name="a">[..., A, 4].</param>
    /// <param name="b">[..., A, 4].</param>
    /// <param name="epsilon">Least union.</param>
    public static Tensor Iou(Tensor a, Tensor b, double epsilon = 1e-6)
    {
        using var scope = NewDisposeScope();
        return IouMatrix(a.unsqueeze(-2), b.unsqueeze(-2), epsilon).squeeze(-1).squeeze(-1).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Generalized IoU of pairs, [..., A]: IoU - (enclosing box - union) / enclosing box, from 1 (the same box) down to -1 (far apart).
    /// Both denominators are raised by <paramref name="epsilon"/>, as torchvision does, so that boxes without area have a gradient.
    /// </summary>
    /// <param name="a">[..., A, 4].</param>
    /// <param name="b">[..., A, 4].</param>
    /// <param name="epsilon">Added to union and enclosing area.</param>
    public static Tensor GeneralizedIou(Tensor a, Tensor b, double epsilon = 1e-7)
    {
        using var scope = NewDisposeScope();
        var (ax1, ay1, ax2, ay2) = Sides(a);
        var (bx1, by1, bx2, by2) = Sides(b);
        var width = (minimum(ax2, bx2) - maximum(ax1, bx1)).AtLeast(0);
        var height = (minimum(ay2, by2) - maximum(ay1, by1)).AtLeast(0);
        var intersection = width * height;
        var union = ((ax2 - ax1) * (ay2 - ay1)).Plus((bx2 - bx1) * (by2 - by1)) - intersection;
        var enclosing = (maximum(ax2, bx2) - minimum(ax1, bx1)) * (maximum(ay2, by2) - minimum(ay1, by1));
        return (intersection / union.Plus(epsilon) - (enclosing - union) / enclosing.Plus(epsilon)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Center-ness of a location with distances (l, t, r, b) to the sides of its box, [...] of [..., 4]:
    /// sqrt(min(l, r) / max(l, r) * min(t, b) / max(t, b)); 0 outside the box.
    /// </summary>
    /// <param name="distances">The four distances, in any unit.</param>
    public static Tensor Centerness(Tensor distances)
    {
        using var scope = NewDisposeScope();
        var (left, top, right, bottom) = Sides(distances);
        return (Balance(left, right) * Balance(top, bottom)).sqrt().MoveToOuterDisposeScope();

        static Tensor Balance(Tensor one, Tensor other) => minimum(one, other).AtLeast(0) / maximum(one, other).AtLeast(1e-9);
    }

    /// <summary>The four numbers of the last dimension.</summary>
    internal static (Tensor X1, Tensor Y1, Tensor X2, Tensor Y2) Sides(Tensor boxes)
    {
        var sides = boxes.unbind(-1);
        return (sides[0], sides[1], sides[2], sides[3]);
    }
}
