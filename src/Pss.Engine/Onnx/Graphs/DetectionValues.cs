namespace Pss.Engine.Onnx.Graphs;

/// <summary>The K best detections of each image as values of a graph, in descending score order.</summary>
/// <param name="Boxes">x1, y1, x2, y2 in pixels of the input, [N, K, 4].</param>
/// <param name="Scores">[N, K].</param>
/// <param name="Labels">[N, K].</param>
/// <param name="Valid">Whether there is a detection and it reaches the threshold, [N, K].</param>
/// <param name="Count">K; a name where it depends on the size of the input.</param>
internal sealed record DetectionValues(OnnxValue Boxes, OnnxValue Scores, OnnxValue Labels, OnnxValue Valid, OnnxDimension Count)
{
    /// <summary>Masks of a detector that predicts them, probabilities at stride 4, [N, K, H / 4, W / 4]; else none.</summary>
    public OnnxValue Masks { get; init; } = OnnxValue.None;

    /// <summary>The same with boxes in pixels of the images before scaling, clipped to them.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="scales">Input pixels for one original pixel across and down, [N, 2].</param>
    /// <param name="original">Width and height of the images, [N, 2].</param>
    public DetectionValues ToOriginal(OnnxGraph graph, OnnxValue scales, OnnxValue original) =>
        this with { Boxes = graph.Node("Min", [graph.Div(Boxes, Corners(graph, scales)), Corners(graph, original)]) };

    /// <summary>Adds the outputs of <see cref="OnnxSignature.Plain"/> and <see cref="OnnxSignature.Images"/>.</summary>
    public void OutputPlain(OnnxGraph graph, string prefix, OnnxDimension batch)
    {
        var none = graph.Number(0);
        graph.Output(graph.Where(graph.Unsqueeze(Valid, 2), Boxes, none), prefix + "boxes", OnnxType.Float32, batch, Count, 4);
        graph.Output(graph.Where(Valid, Scores, none), prefix + "scores", OnnxType.Float32, batch, Count);
        graph.Output(graph.Where(Valid, Labels, graph.Integer(-1)), prefix + "labels", OnnxType.Int64, batch, Count);
    }

    /// <summary>Adds masks as an output beside those of <see cref="OutputPlain"/>; 0 in rows after the last detection.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="prefix">Prefix of the name.</param>
    /// <param name="batch">Number of images.</param>
    /// <param name="toPixels">From probabilities at stride 4 to pixels, UInt8 [N, K, height, width].</param>
    public void OutputPlainMasks(OnnxGraph graph, string prefix, OnnxDimension batch, Func<OnnxValue, OnnxValue> toPixels)
    {
        var kept = graph.Where(graph.Unsqueeze(Valid, 2, 3), Masks, graph.Number(0));
        graph.Output(toPixels(kept), prefix + "masks", OnnxType.UInt8, batch, Count, "mask_height", "mask_width");
    }

    /// <summary>Adds masks as an output beside those of <see cref="OutputImage"/>.</summary>
    public void OutputImageMasks(OnnxGraph graph, string prefix, Func<OnnxValue, OnnxValue> toPixels)
    {
        var kept = graph.Unsqueeze(Kept(graph, Masks, graph.Reshape(Valid, -1)), 0);
        graph.Output(graph.Squeeze(toPixels(kept), 0), prefix + "masks", OnnxType.UInt8, "m", "height", "width");
    }

    /// <summary>Adds masks as an output beside those of <see cref="OutputPipeline"/>, flattened.</summary>
    public void OutputPipelineMasks(OnnxGraph graph, string prefix, OnnxValue scales, Func<OnnxValue, OnnxValue> toPixels)
    {
        var kept = graph.Unsqueeze(Kept(graph, Masks, Present(graph, scales)), 0);
        graph.Output(graph.Node("Flatten", [graph.Squeeze(toPixels(kept), 0)], ("axis", 0L)), prefix + "masks", OnnxType.UInt8, 1, "pixels");
    }

    /// <summary>Adds the outputs of <see cref="OnnxSignature.Image"/>.</summary>
    public void OutputImage(OnnxGraph graph, string prefix)
    {
        var keep = graph.Reshape(Valid, -1);
        graph.Output(Kept(graph, Boxes, keep), prefix + "boxes", OnnxType.Float32, "m", 4);
        graph.Output(Kept(graph, Scores, keep), prefix + "scores", OnnxType.Float32, "m");
        graph.Output(Kept(graph, Labels, keep), prefix + "labels", OnnxType.Int64, "m");
    }

    /// <summary>Adds the outputs of <see cref="OnnxSignature.Pipeline"/>.</summary>
    public void OutputPipeline(OnnxGraph graph, string prefix, OnnxValue scales, IReadOnlyList<string> classes)
    {
        var keep = Present(graph, scales);
        var original = graph.Div(Boxes, Corners(graph, scales));
        graph.Output(graph.Node("Flatten", [Kept(graph, original, keep)], ("axis", 0L)), prefix + "boxes", OnnxType.Float32, 1, "m4");
        graph.Output(graph.Unsqueeze(Kept(graph, Scores, keep), 0), prefix + "scores", OnnxType.Float32, 1, "m");
        var names = graph.Gather(graph.Texts("classes", [.. classes]), Kept(graph, Labels, keep), 0);
        graph.Output(graph.Unsqueeze(names, 0), prefix + "labels", OnnxType.Text, 1, "m");
    }

    /// <summary>The detections of a pipeline's image, none of a missing one, [K].</summary>
    private OnnxValue Present(OnnxGraph graph, OnnxValue scales)
    {
        var present = graph.Greater(graph.Slice(scales, 0, 1, 1), graph.Number(0));
        return graph.Reshape(graph.Node("And", [Valid, present]), -1);
    }

    private static OnnxValue Kept(OnnxGraph graph, OnnxValue x, OnnxValue keep) => graph.Node("Compress", [graph.Squeeze(x, 0), keep], ("axis", 0L));

    /// <summary>Two numbers of each image for x and y, [N, 2], as four for x1, y1, x2, y2, [N, 1, 4].</summary>
    private static OnnxValue Corners(OnnxGraph graph, OnnxValue two) => graph.Unsqueeze(graph.Concat(1, two, two), 1);
}
