using Pss.Engine.Onnx.Graphs;
using static TorchSharp.torch;

namespace Pss.Engine.Boxes;

/// <summary>
/// Boxes in pixels to what a location predicts, and back. Points are [..., 2] and strides [...] of the same locations as the boxes
/// [..., 4]; leading dimensions broadcast. Results belong to the dispose scope in force.
/// </summary>
internal abstract class BoxCoder
{
    /// <summary>The coder of an encoding.</summary>
    /// <param name="encoding">What the four numbers mean.</param>
    /// <param name="anchorScale">Side of the square anchor around a location, in strides; only deltas use it.</param>
    public static BoxCoder For(BoxEncoding encoding, double anchorScale = 8) => encoding switch
    {
        BoxEncoding.Distances => new DistanceCoder(),
        BoxEncoding.Deltas => new DeltaCoder(anchorScale),
        _ => throw new ArgumentOutOfRangeException(nameof(encoding), encoding, "is no box encoding"),
    };

    /// <summary>The last layer of the box branch: convolution outputs to predictions, of any shape.</summary>
    public virtual Tensor Activate(Tensor outputs) => outputs;

    /// <summary>Predictions to boxes.</summary>
    /// <param name="regression">Predictions, [..., 4].</param>
    /// <param name="points">Locations.</param>
    /// <param name="strides">Strides of the locations.</param>
    public abstract Tensor Decode(Tensor regression, Tensor points, Tensor strides);

    /// <summary>Boxes to predictions: the inverse of <see cref="Decode"/>.</summary>
    /// <param name="boxes">Boxes in pixels, [..., 4]; with an area, if the encoding is deltas.</param>
    /// <param name="points">Locations.</param>
    /// <param name="strides">Strides of the locations.</param>
    public abstract Tensor Encode(Tensor boxes, Tensor points, Tensor strides);

    /// <summary><see cref="Activate"/> as operators.</summary>
    public virtual OnnxValue ExportActivation(OnnxGraph graph, OnnxValue outputs) => outputs;

    /// <summary><see cref="Decode"/> as operators: predictions [N, L, 4] to boxes [N, L, 4].</summary>
    public abstract OnnxValue Export(OnnxGraph graph, OnnxValue regression, LocationConstants locations);

    /// <summary>Distances (l, t, r, b) in pixels from points to the sides of their boxes, negative outside, [..., 4].</summary>
    /// <param name="boxes">Boxes, [..., 4].</param>
    /// <param name="points">Locations, [..., 2].</param>
    public static Tensor SideDistances(Tensor boxes, Tensor points)
    {
        using var scope = NewDisposeScope();
        return cat([points - boxes.narrow(-1, 0, 2), boxes.narrow(-1, 2, 2) - points], -1).MoveToOuterDisposeScope();
    }
}
