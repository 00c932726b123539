using System.Globalization;
using Pss.Engine.Inference;
using Pss.Engine.Onnx.Graphs;
using Pss.Engine.Weights;

namespace Pss.Engine.Onnx;

/// <summary>
/// Writes a detector as one ONNX model (opset 17): bytes of pixels in, normalization, network with folded batch normalization, fused score
/// (the paper's equation 4) and the best K inside, boxes out. Its metadata holds, as text: <c>format</c> ("pss-detector"), <c>classes</c>
/// (JSON list of names by label), <c>width</c>, <c>height</c>, <c>signature</c>, <c>mode</c>, <c>precision</c>, <c>options</c> and
/// <c>postprocessing</c> (JSON).
/// </summary>
public static class OnnxExporter
{
    /// <summary>The model as the bytes of a file, for any program.</summary>
    /// <remarks>
    /// W and H are the size of its input, K the most detections of an image. In: <c>images</c>, UInt8 [N, 3, H, W], planes of red, green, blue; with
    /// <see cref="OnnxExportOptions.ImageSizes"/> also <c>sizes</c>, Float32 [N, 2], width and height of each image at the top left of its
    /// padded input. Out, best first: <c>boxes</c>, Float32 [N, K, 4] as x1, y1, x2, y2 in pixels of the input; <c>scores</c>, Float32
    /// [N, K]; <c>labels</c>, Int64 [N, K]. Rows behind the last detection have the box 0, the score 0 and the label -1.
    /// </remarks>
    /// <param name="model">The detector.</param>
    /// <param name="options">How to export it; null takes the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of its range or does not fit the detector.</exception>
    /// <exception cref="WeightFileException">The weights are those of another network.</exception>
    /// <exception cref="TorchRuntimeException">libtorch does not load.</exception>
    public static byte[] Export(DetectorModel model, OnnxExportOptions? options = null) => Build(model, options ?? new()).ToArray();

    /// <summary>Writes the model of <see cref="Export"/> to a file, whole or not at all.</summary>
    /// <param name="model">The detector.</param>
    /// <param name="path">The file; replaced if it is there.</param>
    /// <param name="options">How to export it; null takes the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of its range or does not fit the detector.</exception>
    /// <exception cref="WeightFileException">The weights are those of another network.</exception>
    /// <exception cref="TorchRuntimeException">libtorch does not load.</exception>
    public static void ExportToFile(DetectorModel model, string path, OnnxExportOptions? options = null) => Build(model, options ?? new()).Write(path);

    /// <summary>Writes a model for ML.NET's ApplyOnnxModel behind a transform that letterboxes, whole or not at all.</summary>
    /// <remarks>
    /// W and H are the size of its input. ApplyOnnxModel behind a transform that letterboxes: one image a run, vectors of any length only, no shape dictionary
    /// needed. In: <c>__pss.pixels</c>, UInt8 [1, n] with n = 3 * H * W, planes of red, green, blue (with <see cref="OnnxExportOptions.FreeSize"/>
    /// H and W follow from the scaled image, and are 32 for a missing one); <c>__pss.geometry</c>, Float32 [1, 4]:
    /// scale across, scale down (input pixels for one original pixel), width and height of the scaled image at the top left of the input;
    /// all four zero for a missing image, which has no detections (its pixels must still be n bytes). Out, best first, only what reaches
    /// the score threshold, m may be 0: <c>__pss.boxes</c>, Float32 [1, 4m] as x1, y1, x2, y2 in pixels of the original image, cut off at
    /// its edges; <c>__pss.scores</c>, Float32 [1, m]; <c>__pss.labels</c>, text [1, m], the class names.
    /// </remarks>
    /// <param name="model">The detector.</param>
    /// <param name="path">The file; replaced if it is there.</param>
    /// <param name="options">How to export it; null takes the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of its range or does not fit the detector.</exception>
    /// <exception cref="WeightFileException">The weights are those of another network.</exception>
    /// <exception cref="TorchRuntimeException">libtorch does not load.</exception>
    public static void ExportForPipeline(DetectorModel model, string path, OnnxExportOptions? options = null)
        => Build(model, (options ?? new()) with { Signature = OnnxSignature.Pipeline }).Write(path);

    private static OnnxGraph Build(DetectorModel model, OnnxExportOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        options.Validate();
        var mode = PostProcessor.ModeOf(model.Options, options.PostProcessing);
        if (model.Classes.Count != model.Options.Classes)
            throw new ArgumentException($"There are {model.Classes.Count} class names for {model.Options.Classes} classes: give each class one.", nameof(model));
        var (width, height) = options.SizeFor(model.Resize);
        using var network = model.Build();
        network.FoldBatchNorm();

        var graph = new OnnxGraph("detector");
        var type = options.Precision == Precision.Float16 ? OnnxType.Float16 : OnnxType.Float32;
        var input = InputGraph.Create(graph, options, width, height);
        var outputs = network.Export(new(graph, type, network), input.Normalize(model.Options.Pixels, type), withSelector: mode == DetectionMode.EndToEnd);
        var detections = new PostProcessor(network, options.PostProcessing).Export(graph, outputs, input.Limits, input.Size);
        if (options.Signature == OnnxSignature.Pipeline)
            detections.OutputPipeline(graph, options.Prefix, input.Scales, model.Classes);
        else
            detections.OutputPlain(graph, options.Prefix, options.Batch);
        AddMetadata(graph, model, options, mode, width, height);
        return graph;
    }

    private static void AddMetadata(OnnxGraph graph, DetectorModel model, OnnxExportOptions options, DetectionMode mode, int width, int height)
    {
        graph.AddMetadata("format", "pss-detector");
        graph.AddMetadata("classes", OptionsJson.Write(model.Classes));
        graph.AddMetadata("width", width.ToString(CultureInfo.InvariantCulture));
        graph.AddMetadata("height", height.ToString(CultureInfo.InvariantCulture));
        graph.AddMetadata("signature", options.Signature.ToString());
        graph.AddMetadata("mode", mode.ToString());
        graph.AddMetadata("precision", options.Precision.ToString());
        graph.AddMetadata("options", OptionsJson.Write(model.Options));
        graph.AddMetadata("postprocessing", OptionsJson.Write(options.PostProcessing));
    }
}
