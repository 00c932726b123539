using Pss.Engine.Inference;
using Pss.Engine.Onnx.Graphs;
using Pss.Engine.Weights;

namespace Pss.Engine.Onnx;

/// <summary>
/// Writes a detector as one ONNX model (opset 17): bytes of pixels in; scaling (by default), normalization, network with folded batch
/// normalization, fused score (the paper's equation 4) and the best K inside; boxes out. Its metadata states the contract with the caller as text:
/// <c>classes</c> (JSON list of names by label), <c>signature</c>, <c>inputs</c> and <c>outputs</c> (JSON lists of name, type, shape and meaning),
/// <c>layout</c>, <c>channels</c>, <c>range</c>, <c>orientation</c>, <c>resize</c>, <c>padding</c>, <c>boxes</c>, <c>score_threshold</c>,
/// <c>width</c> and <c>height</c> of the network's input, <c>mode</c>, <c>precision</c>, <c>options</c> and <c>postprocessing</c> (JSON),
/// <c>format</c> ("pss-detector") and <c>version</c>.
/// </summary>
public static class OnnxExporter
{
    /// <summary>The model as the bytes of a file.</summary>
    /// <param name="model">The detector.</param>
    /// <param name="options">How to export it; null takes the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of its range or does not fit the detector.</exception>
    /// <exception cref="WeightMismatchException">The weights are those of another network.</exception>
    /// <exception cref="TorchRuntimeException">libtorch does not load.</exception>
    public static byte[] Export(DetectorModel model, OnnxExportOptions? options = null) => Build(model, options ?? new()).ToArray();

    /// <summary>Writes the model to a file, whole or not at all.</summary>
    /// <param name="model">The detector.</param>
    /// <param name="path">The file; replaced if it is there.</param>
    /// <param name="options">How to export it; null takes the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of its range or does not fit the detector.</exception>
    /// <exception cref="WeightMismatchException">The weights are those of another network.</exception>
    /// <exception cref="TorchRuntimeException">libtorch does not load.</exception>
    public static void ExportToFile(DetectorModel model, string path, OnnxExportOptions? options = null) => Build(model, options ?? new()).Write(path);

    private static OnnxGraph Build(DetectorModel model, OnnxExportOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        options.Validate();
        var mode = PostProcessor.ModeOf(model.Options, options.PostProcessing);
        if (model.Classes.Count != model.Options.Classes)
            throw new ArgumentException($"There are {model.Classes.Count} class names for {model.Options.Classes} classes: give each class one.", nameof(model));
        using var network = model.Build();
        network.FoldBatchNorm();

        var graph = new OnnxGraph("detector");
        var type = options.Precision == Precision.Float16 ? OnnxType.Float16 : OnnxType.Float32;
        var input = InputGraph.Create(graph, options, model.Resize);
        var outputs = network.Export(new(graph, type, network), input.Normalize(model.Options.Pixels, type), withSelector: mode == DetectionMode.EndToEnd);
        var detections = new PostProcessor(network, options.PostProcessing).Export(graph, outputs, input.Limits, input.Size);
        if (options.ScalesInside)
            detections = detections.ToOriginal(graph, input.Scales, input.Original);
        switch (options.Signature)
        {
            case OnnxSignature.Image:
                detections.OutputImage(graph, options.Prefix);
                break;
            case OnnxSignature.Pipeline:
                detections.OutputPipeline(graph, options.Prefix, input.Scales, model.Classes);
                break;
            default:
                detections.OutputPlain(graph, options.Prefix, options.Batch);
                break;
        }
        OnnxContract.Write(graph, model, options, mode, input.Size);
        return graph;
    }
}
