
namespace Pss.Engine.Onnx.Graphs;

/// <summary>The K best detections of each image as values of a graph, best first.</summary>
/// <param name="Boxes">x1, y1, x2, y2 in pixels of the input, [N, K, 4].</param>
/// <param name="Scores">[N, K].</param>
/// <param name="Labels">[N, K].</param>
/// <param name="Valid">Whether there is a detection and it reaches the threshold, [N, K].</param>
/// <param name="Count">K.</param>
internal sealed record DetectionValues(OnnxValue Boxes, OnnxValue Scores, OnnxValue Labels, OnnxValue Valid, int Count)
{
    /// <summary>Adds the outputs of <see cref="OnnxSignature.Plain"/>.</summary>
    public void OutputPlain(OnnxGraph graph, string prefix, OnnxDimension batch)
    {
        var none = graph.Number(0);
        graph.Output(graph.Where(graph.Unsqueeze(Valid, 2), Boxes, none), prefix + "boxes", OnnxType.Float32, batch, Count, 4);
        graph.Output(graph.Where(Valid, Scores, none), prefix + "scores", OnnxType.Float32, batch, Count);
        graph.Output(graph.Where(Valid, Labels, graph.Integer(-1)), prefix + "labels", OnnxType.Int64, batch, Count);
    }

    /// <summary>Adds the outputs of <see cref="OnnxSignature.Pipeline"/>.</summary>
    public void OutputPipeline(OnnxGraph graph, string prefix, OnnxValue scales, IReadOnlyList<string> classes)
    {
        var present = graph.Greater(graph.Slice(scales, 0, 1, 1), graph.Number(0));
        var keep = graph.Reshape(graph.Node("And", [Valid, present]), -1);
        var original = graph.Div(Boxes, graph.Unsqueeze(graph.Concat(1, scales, scales), 1));
        graph.Output(graph.Node("Flatten", [Kept(original)], ("axis", 0L)), prefix + "boxes", OnnxType.Float32, 1, "m4");
        graph.Output(graph.Unsqueeze(Kept(Scores), 0), prefix + "scores", OnnxType.Float32, 1, "m");
        var names = graph.Gather(graph.Texts("classes", [.. classes]), Kept(Labels), 0);
        graph.Output(graph.Unsqueeze(names, 0), prefix + "labels", OnnxType.Text, 1, "m");

        OnnxValue Kept(OnnxValue x) => graph.Node("Compress", [graph.Squeeze(x, 0), keep], ("axis", 0L));
    }
}
