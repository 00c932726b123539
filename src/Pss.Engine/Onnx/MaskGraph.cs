using Pss.Engine.Layers;
using Pss.Engine.Onnx.Graphs;

namespace Pss.Engine.Onnx;

/// <summary>From masks at stride 4 to pixels, as operators: aligned upsampling to the network's input, then bilinear scaling to the image, each a
/// product with one matrix per axis; set is what is above 0.5.</summary>
internal static class MaskGraph
{
    private const int Step = 4;

    /// <summary>Masks in pixels of the network's input, UInt8 [N, K, H, W].</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="masks">Probabilities at stride 4, [N, K, H / 4, W / 4].</param>
    public static OnnxValue AtInput(OnnxGraph graph, OnnxValue masks)
    {
        var (height, width) = Sizes(graph, masks);
        return Set(graph, LinearResampling.ExportUpsample(graph, masks, Step, height.Full, width.Full));
    }

    /// <summary>Masks in pixels of the images before scaling, UInt8 [N, K, height, width]; 0 outside each image.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="masks">Probabilities at stride 4, [N, K, H / 4, W / 4].</param>
    /// <param name="scaled">Width and height of each scaled image, Float32 [N, 2].</param>
    /// <param name="original">Width and height of each image, Float32 [N, 2].</param>
    public static OnnxValue AtOriginal(OnnxGraph graph, OnnxValue masks, OnnxValue scaled, OnnxValue original)
    {
        var largest = graph.Cast(graph.Node("ReduceMax", [original], ("axes", new[] { 0L }), ("keepdims", 0L)), OnnxType.Int64);
        var (height, width) = Sizes(graph, masks);
        var rows = Axis(1, height);
        var columns = graph.Transpose(Axis(0, width), 0, 1, 3, 2);
        var pixels = Set(graph, graph.Node("MatMul", [graph.Node("MatMul", [rows, WithOneMore(graph, masks)]), columns]));
        return graph.Slice(pixels, 0, -1, 1);

        // The weights of the mask's rows or columns in each of the image's, [N, 1, pixels, cells]; all zero outside the image.
        OnnxValue Axis(int side, (OnnxValue Cells, OnnxValue Full) mask)
        {
            var (size, from) = (Side(original, side), Side(scaled, side));
            var place = graph.Unsqueeze(graph.Indices(graph.Slice(largest, side, side + 1, 0)), 0);
            var half = graph.Number(0.5f);
            var at = graph.Sub(graph.Mul(graph.Add(place, half), graph.Div(from, size)), half);
            at = graph.Node("Max", [graph.Node("Min", [at, graph.Sub(from, graph.Number(1))]), graph.Number(0)]);
            // A position far outside has no weights.
            at = graph.Where(graph.Greater(size, place), at, graph.Number(-2));
            var bilinear = LinearResampling.ExportWeights(graph, at, mask.Full);
            return graph.Unsqueeze(graph.Node("MatMul", [bilinear, LinearResampling.ExportAligned(graph, mask.Cells, Step, mask.Full)]), 1);
        }

        OnnxValue Side(OnnxValue sizes, int side) => graph.Slice(sizes, side, side + 1, 1);
    }

    /// <summary>The masks and an empty one, [N, K + 1, h, w]: ONNX Runtime multiplies no matrix by none, where nothing was detected.</summary>
    private static OnnxValue WithOneMore(OnnxGraph graph, OnnxValue masks)
    {
        var shape = graph.Shape(masks);
        var one = graph.Concat(0, graph.Slice(shape, 0, 1, 0), graph.Integers(1), graph.Slice(shape, 2, 4, 0));
        return graph.Concat(1, masks, graph.Node("Expand", [graph.Number(0), one]));
    }

    private static ((OnnxValue Cells, OnnxValue Full) Height, (OnnxValue Cells, OnnxValue Full) Width) Sizes(OnnxGraph graph, OnnxValue masks)
    {
        var shape = graph.Shape(masks);
        return (Side(2), Side(3));

        (OnnxValue, OnnxValue) Side(int axis)
        {
            var cells = graph.Slice(shape, axis, axis + 1, 0);
            return (cells, graph.Mul(cells, graph.Integer(Step)));
        }
    }

    private static OnnxValue Set(OnnxGraph graph, OnnxValue probabilities) =>
        graph.Cast(graph.Greater(probabilities, graph.Number(0.5f)), OnnxType.UInt8);
}
