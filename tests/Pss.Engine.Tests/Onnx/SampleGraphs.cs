using Pss.Engine.Onnx;

namespace Pss.Engine.Tests.Onnx;

/// <summary>Small graphs that together use every operator of the writer.</summary>
internal static class SampleGraphs
{
    public static TheoryData<string> Names => ["network", "half", "suppression", "arithmetic"];

    public static OnnxGraph Make(string name) => name switch
    {
        "network" => Network(),
        "half" => Half(),
        "suppression" => Suppression(),
        _ => Arithmetic(),
    };

    public static float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(i => MathF.Sin(i * 0.7f))];

    public static OnnxGraph Network()
    {
        var graph = new OnnxGraph("network");
        graph.AddMetadata("classes", "disc,square");
        var image = graph.Input("image", OnnxType.UInt8, "batch", 64, 96, 3);
        var x = graph.Transpose(graph.Cast(image, OnnxType.Float32), 0, 3, 1, 2);
        x = graph.Mul(x, graph.Number(1 / 255f));
        x = graph.Conv(x, graph.Weight("conv.weight", Numbers(4 * 27), [4, 3, 3, 3]), graph.Weight("conv.bias", Numbers(4), [4]), 3, stride: 2, padding: 1);
        x = graph.GroupNorm(x, 2, graph.Weight("norm.weight", Numbers(4), [1, 4, 1, 1]), graph.Weight("norm.bias", Numbers(4), [1, 4, 1, 1]));
        var fine = graph.Relu(x);
        var coarse = graph.MaxPool(fine, 3, 2, 1);
        var sum = graph.Add(graph.ResizeNearest(coarse, fine), fine);
        graph.Output(sum, "features", OnnxType.Float32, "batch", 4, 32, 48);
        var (top, index) = graph.TopK(graph.Reshape(graph.Sigmoid(sum), 0, -1), graph.Integers(10), 1);
        graph.Output(top, "top", OnnxType.Float32, "batch", 10);
        graph.Output(graph.Mod(index, graph.Integer(48)), "index", OnnxType.Int64, "batch", 10);
        return graph;
    }

    public static OnnxGraph Half()
    {
        var graph = new OnnxGraph("half");
        var x = graph.Cast(graph.Input("x", OnnxType.Float32, 1, 4, 8, 8), OnnxType.Float16);
        x = graph.Conv(x, graph.Weight("w", Numbers(16), [4, 4, 1, 1], OnnxType.Float16), OnnxValue.None, 1);
        graph.Output(graph.Cast(graph.Relu(x), OnnxType.Float32), "y", OnnxType.Float32, 1, 4, 8, 8);
        return graph;
    }

    public static OnnxGraph Suppression()
    {
        var graph = new OnnxGraph("suppression");
        var boxes = graph.Input("boxes", OnnxType.Float32, 1, "boxes", 4);
        var scores = graph.Input("scores", OnnxType.Float32, 1, 2, "boxes");
        graph.Output(graph.NonMaxSuppression(boxes, scores, 100, 0.6f, 0.05f), "kept", OnnxType.Int64, "kept", 3);
        return graph;
    }

    public static OnnxGraph Arithmetic()
    {
        var graph = new OnnxGraph("arithmetic");
        var x = graph.Input("x", OnnxType.Float32, 2, 6);
        var half = graph.Slice(x, 0, 3, 1);
        var y = graph.Log(graph.Exp(graph.Softplus(graph.Sub(half, graph.Number(1)))));
        y = graph.Sqrt(graph.Clip(graph.Div(y, graph.Number(2)), graph.Number(0), OnnxValue.None));
        y = graph.Where(graph.Greater(half, graph.Number(0)), y, graph.Number(-1));
        y = graph.Concat(1, y, half);
        var order = graph.TopK(y, graph.Integers(4), 1).Indices;
        y = graph.GatherElements(y, order, 1);
        y = graph.Gather(y, graph.Integer(0), 0);
        y = graph.Squeeze(graph.Unsqueeze(y, 0, 1), 0);
        graph.Output(graph.Reshape(y, graph.Integers(4)), "y", OnnxType.Float32, 4);
        graph.Output(graph.Shape(x), "shape", OnnxType.Int64, 2);
        return graph;
    }
}
