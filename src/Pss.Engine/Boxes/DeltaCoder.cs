using Pss.Engine.Onnx.Graphs;
using static TorchSharp.torch;

namespace Pss.Engine.Boxes;

/// <summary>
/// Shift of the center over the anchor's side and logarithm of the size ratio, both divided by fixed standard deviations: ATSS. An anchor
/// is the square of <paramref name="anchorScale"/> strides around its point.
/// </summary>
/// <param name="anchorScale">Side of an anchor in strides.</param>
internal sealed class DeltaCoder(double anchorScale) : BoxCoder
{
    private const double CenterStd = 0.1;
    private const double SizeStd = 0.2;
    private static readonly double MaxLogRatio = Math.Log(1000.0 / 16);

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

    /// <inheritdoc/>
    public override Tensor Decode(Tensor regression, Tensor points, Tensor strides)
    {
        using var scope = NewDisposeScope();
        var side = strides.unsqueeze(-1).Times(anchorScale);
        var center = points.Plus(regression.narrow(-1, 0, 2).Times(CenterStd) * side);
        var half = (regression.narrow(-1, 2, 2).Times(SizeStd).Within(-MaxLogRatio, MaxLogRatio).exp() * side).Times(0.5);
        return cat([center - half, center.Plus(half)], -1).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor Encode(Tensor boxes, Tensor points, Tensor strides)
    {
        using var scope = NewDisposeScope();
        var side = strides.unsqueeze(-1).Times(anchorScale);
        var topLeft = boxes.narrow(-1, 0, 2);
        var bottomRight = boxes.narrow(-1, 2, 2);
        var shift = ((topLeft.Plus(bottomRight).Times(0.5) - points) / side).Over(CenterStd);
        var ratio = ((bottomRight - topLeft) / side).log().Over(SizeStd);
        return cat([shift, ratio], -1).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override OnnxValue Export(OnnxGraph graph, OnnxValue regression, LocationConstants locations)
    {
        var (scale, limit) = ((float)anchorScale, (float)MaxLogRatio);
        var side = locations("sides", 2, (_, _, stride) => [stride * scale, stride * scale]);
        var shift = graph.Mul(graph.Mul(graph.Slice(regression, 0, 2, 2), graph.Number((float)CenterStd)), side);
        var center = graph.Add(locations("points", 2, (x, y, _) => [x, y]), shift);
        var ratio = graph.Clip(graph.Mul(graph.Slice(regression, 2, 4, 2), graph.Number((float)SizeStd)), graph.Number(-limit), graph.Number(limit));
        var half = graph.Mul(graph.Mul(graph.Exp(ratio), side), graph.Number(0.5f));
        return graph.Concat(2, graph.Sub(center, half), graph.Add(center, half));
    }
}
