using Pss.Engine.Onnx.Graphs;
using static TorchSharp.torch;

namespace Pss.Engine.Boxes;

/// <summary>Distances to the four sides in units of the stride, never negative: FCOS.</summary>
internal sealed class DistanceCoder : BoxCoder
{
    /// <inheritdoc/>
    public override Tensor Activate(Tensor outputs) => outputs.relu();

    /// <inheritdoc/>
    public override Tensor Decode(Tensor regression, Tensor points, Tensor strides)
    {
        using var scope = NewDisposeScope();
        var unit = strides.unsqueeze(-1);
        return cat([points - regression.narrow(-1, 0, 2) * unit, points.Plus(regression.narrow(-1, 2, 2) * unit)], -1).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor Encode(Tensor boxes, Tensor points, Tensor strides)
    {
        using var scope = NewDisposeScope();
        return (SideDistances(boxes, points) / strides.unsqueeze(-1)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override OnnxValue ExportActivation(OnnxGraph graph, OnnxValue outputs) => graph.Relu(outputs);

    /// <inheritdoc/>
    public override OnnxValue Export(OnnxGraph graph, OnnxValue regression, LocationConstants locations) => graph.Add(
        locations("points", 4, (x, y, _) => [x, y, x, y]),
        graph.Mul(regression, locations("units", 4, (_, _, stride) => [-stride, -stride, stride, stride])));
}
