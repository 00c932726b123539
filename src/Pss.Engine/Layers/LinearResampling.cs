using Pss.Engine.Onnx.Graphs;
using static TorchSharp.torch;

namespace Pss.Engine.Layers;

/// <summary>
/// Linear interpolation of maps as a product with one matrix per axis: row o of a matrix holds the weights of the inputs that output o lies between.
/// </summary>
internal static class LinearResampling
{
    /// <summary>The matrix, [outputs, inputs], of CondInst's aligned upsampling: output o reads position clamp((o - floor(factor / 2)) / factor).</summary>
    /// <param name="inputs">Length of the input.</param>
    /// <param name="factor">How many outputs there are for one input.</param>
    /// <param name="outputs">Length of the output; at most inputs * factor.</param>
    /// <param name="like">A tensor whose type and device the matrix takes.</param>
    public static Tensor Aligned(long inputs, int factor, long outputs, Tensor like)
    {
        using var scope = NewDisposeScope();
        // In float64: a rounded position would be a rounded weight.
        var positions = Tensor.Indices(outputs, like.device, ScalarType.Float64).Plus(-(factor / 2)).Times(1.0 / factor).Within(0, inputs - 1);
        var distance = (positions.unsqueeze(1) - Tensor.Indices(inputs, like.device, ScalarType.Float64)).abs();
        return (-distance).Plus(1).relu().to(like.dtype).MoveToOuterDisposeScope();
    }

    /// <summary>Aligned upsampling of maps, [..., H, W], to a size.</summary>
    /// <param name="maps">The maps.</param>
    /// <param name="factor">How many outputs there are for one input, along each axis.</param>
    /// <param name="height">Rows of the result, at most H * factor; 0 for all.</param>
    /// <param name="width">Columns of the result, at most W * factor; 0 for all.</param>
    public static Tensor Upsample(Tensor maps, int factor, long height = 0, long width = 0)
    {
        using var scope = NewDisposeScope();
        var (rows, columns) = (maps.shape[^2], maps.shape[^1]);
        var down = Aligned(rows, factor, height > 0 ? height : rows * factor, maps);
        var across = Aligned(columns, factor, width > 0 ? width : columns * factor, maps);
        return down.matmul(maps).matmul(across.t()).MoveToOuterDisposeScope();
    }

    /// <summary><see cref="Aligned"/> as operators, [outputs, inputs], Float32.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="inputs">Length of the input, Int64 [1].</param>
    /// <param name="factor">How many outputs there are for one input.</param>
    /// <param name="outputs">Length of the output, Int64 [1].</param>
    public static OnnxValue ExportAligned(OnnxGraph graph, OnnxValue inputs, int factor, OnnxValue outputs)
    {
        var positions = graph.Mul(graph.Add(graph.Indices(outputs), graph.Number(-(factor / 2))), graph.Number(1f / factor));
        var last = graph.Sub(graph.Cast(inputs, OnnxType.Float32), graph.Number(1));
        return ExportWeights(graph, graph.Node("Max", [graph.Node("Min", [positions, last]), graph.Number(0)]), inputs);
    }

    /// <summary><see cref="Upsample"/> as operators.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="maps">[..., H, W].</param>
    /// <param name="factor">How many outputs there are for one input, along each axis.</param>
    /// <param name="height">Rows of the result, Int64 [1].</param>
    /// <param name="width">Columns of the result, Int64 [1].</param>
    /// <param name="type">The type of the maps.</param>
    public static OnnxValue ExportUpsample(OnnxGraph graph, OnnxValue maps, int factor, OnnxValue height, OnnxValue width, OnnxType type = OnnxType.Float32)
    {
        var shape = graph.Shape(maps);
        var rows = ExportAligned(graph, graph.Slice(shape, -2, -1, 0), factor, height);
        var columns = graph.Transpose(ExportAligned(graph, graph.Slice(shape, -1, int.MaxValue, 0), factor, width), 1, 0);
        return graph.Node("MatMul", [graph.Node("MatMul", [Typed(rows), maps]), Typed(columns)]);

        OnnxValue Typed(OnnxValue x) => type == OnnxType.Float32 ? x : graph.Cast(x, type);
    }

    /// <summary>The matrices of positions in an input, Float32 [..., outputs, inputs]; a position that lies a step or more outside has no weights.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="positions">Float32 [..., outputs].</param>
    /// <param name="inputs">Length of the input, Int64 [1].</param>
    public static OnnxValue ExportWeights(OnnxGraph graph, OnnxValue positions, OnnxValue inputs)
    {
        var distance = graph.Node("Abs", [graph.Sub(graph.Unsqueeze(positions, -1), graph.Indices(inputs))]);
        return graph.Relu(graph.Sub(graph.Number(1), distance));
    }
}
