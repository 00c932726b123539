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
    /// <param name="graph">The graph.</param>
    /// <param name="prefix">Prefix of the names.</param>
    /// <param name="batch">Number of images.</param>
    /// <param name="toPixels">Masks from probabilities at stride 4 to pixels, UInt8 [N, K, height, width].</param>
    public void OutputPlain(OnnxGraph graph, string prefix, OnnxDimension batch, Func<OnnxValue, OnnxValue> toPixels)
    {
        var none = graph.Number(0);
        graph.Output(graph.Where(graph.Unsqueeze(Valid, 2), Boxes, none), prefix + "boxes", OnnxType.Float32, batch, Count, 4);
        graph.Output(graph.Where(Valid, Scores, none), prefix + "scores", OnnxType.Float32, batch, Count);
        graph.Output(graph.Where(Valid, Labels, graph.Integer(-1)), prefix + "labels", OnnxType.Int64, batch, Count);
        if (Masks != OnnxValue.None)
            graph.Output(toPixels(graph.Where(graph.Unsqueeze(Valid, 2, 3), Masks, none)), prefix + "masks", OnnxType.UInt8, batch, Count, "mask_height", "mask_width");
    }

    /// <summary>Adds the outputs of <see cref="OnnxSignature.Image"/>.</summary>
    public void OutputImage(OnnxGraph graph, string prefix, Func<OnnxValue, OnnxValue> toPixels)
    {
        var keep = graph.Reshape(Valid, -1);
        graph.Output(Kept(graph, Boxes, keep), prefix + "boxes", OnnxType.Float32, "m", 4);
        graph.Output(Kept(graph, Scores, keep), prefix + "scores", OnnxType.Float32, "m");
        graph.Output(Kept(graph, Labels, keep), prefix + "labels", OnnxType.Int64, "m");
        if (Masks != OnnxValue.None)
            graph.Output(KeptMasks(graph, keep, toPixels), prefix + "masks", OnnxType.UInt8, "m", "height", "width");
    }

    /// <summary>Adds the outputs of <see cref="OnnxSignature.Pipeline"/>.</summary>
    public void OutputPipeline(OnnxGraph graph, string prefix, OnnxValue scales, IReadOnlyList<string> classes, Func<OnnxValue, OnnxValue> toPixels)
    {
        var present = graph.Greater(graph.Slice(scales, 0, 1, 1), graph.Number(0));
        var keep = graph.Reshape(graph.Node("And", [Valid, present]), -1);
        var original = graph.Div(Boxes, Corners(graph, scales));
        graph.Output(graph.Node("Flatten", [Kept(graph, original, keep)], ("axis", 0L)), prefix + "boxes", OnnxType.Float32, 1, "m4");
        graph.Output(graph.Unsqueeze(Kept(graph, Scores, keep), 0), prefix + "scores", OnnxType.Float32, 1, "m");
        var names = graph.Gather(graph.Texts("classes", [.. classes]), Kept(graph, Labels, keep), 0);
        graph.Output(graph.Unsqueeze(names, 0), prefix + "labels", OnnxType.Text, 1, "m");
        if (Masks != OnnxValue.None)
            graph.Output(graph.Node("Flatten", [KeptMasks(graph, keep, toPixels)], ("axis", 0L)), prefix + "masks", OnnxType.UInt8, 1, "pixels");
    }

    /// <summary>The masks of the kept detections of one image, [m, height, width].</summary>
    private OnnxValue KeptMasks(OnnxGraph graph, OnnxValue keep, Func<OnnxValue, OnnxValue> toPixels) =>
        graph.Squeeze(toPixels(graph.Unsqueeze(Kept(graph, Masks, keep), 0)), 0);

    private static OnnxValue Kept(OnnxGraph graph, OnnxValue x, OnnxValue keep) => graph.Node("Compress", [graph.Squeeze(x, 0), keep], ("axis", 0L));

    /// <summary>Two numbers of each image for x and y, [N, 2], as four for x1, y1, x2, y2, [N, 1, 4].</summary>
    private static OnnxValue Corners(OnnxGraph graph, OnnxValue two) => graph.Unsqueeze(graph.Concat(1, two, two), 1);
}
