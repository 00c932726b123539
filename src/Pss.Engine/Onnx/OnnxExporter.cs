using Pss.Engine.Inference;
using Pss.Engine.Onnx.Graphs;
using Pss.Engine.Weights;

namespace Pss.Engine.Onnx;

/// <summary>
/// Writes a detector as one ONNX model (opset 17): bytes of pixels in; scaling (by default), normalization, network with folded batch
/// normalization, fused score (the paper's equation 4), its local maxima where the detector goes by them, and the best K inside; boxes out. Its metadata states the contract with the caller as text:
/// <c>classes</c> (JSON list of names by label), <c>signature</c>, <c>inputs</c> and <c>outputs</c> (JSON lists of name, type, shape and meaning),
/// <c>layout</c>, <c>channels</c>, <c>range</c>, <c>orientation</c>, <c>resize</c>, <c>padding</c>, <c>boxes</c>, <c>score_threshold</c>,
/// <c>width</c> and <c>height</c> of the network's input, <c>mode</c>, <c>precision</c>, <c>options</c> and <c>postprocessing</c> (JSON),
/// <c>format</c> ("pss-detector") and <c>version</c>.
/// </summary>
public static class OnnxExporter
{
    /// <summary>The model as the bytes of a file, for any program.</summary>
    /// <remarks>
    /// <para>By default one image at its own size, scaled and padded inside. In: <c>image</c>, UInt8 [height, width, 3], interleaved red, green and
    /// blue. Out, in descending score order, only what reaches the score threshold, m may be 0: <c>boxes</c>, Float32 [m, 4] as x1, y1, x2, y2 in
    /// pixels of that image, clipped to it; <c>scores</c>, Float32 [m]; <c>labels</c>, Int64 [m].</para>
    /// <para>With a <see cref="OnnxExportOptions.BatchSize"/> that is not 1, N images at their own sizes. In: <c>images</c>, UInt8
    /// [N, height, width, 3], each image at the top left; <c>sizes</c>, Float32 [N, 2], width and height of each. Pixels outside these sizes are
    /// ignored. Out: <c>boxes</c>, Float32 [N, K, 4] in pixels of each image; <c>scores</c>, Float32 [N, K]; <c>labels</c>, Int64 [N, K], K the most
    /// detections of an image. Rows after the last detection have the box 0, the score 0 and the label -1.</para>
    /// <para>A detector with masks has one more output: <c>masks</c>, UInt8, 1 where the object is: [m, height, width] for one image, [N, K, height, width]
    /// of the largest image for batches (0 outside an image), [N, K, H, W] in pixels of the input without scaling. It takes as much memory as that, so
    /// give such an export a score threshold.</para>
    /// <para>Without <see cref="OnnxExportOptions.ScaleImages"/>, images that the caller has scaled to the input's size W x H. In: <c>images</c>, UInt8
    /// [N, 3, H, W], planes of red, green and blue, each image at the top left; unless <see cref="OnnxExportOptions.ImageSizes"/> is false also
    /// <c>sizes</c>, Float32 [N, 2], width and height of each scaled image. Out as for batches, with boxes in pixels of the input.</para>
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

    /// <summary>Writes a model for ML.NET's ApplyOnnxModel behind a transform that scales, whole or not at all.</summary>
    /// <remarks>
    /// W and H are the size of its input. One image per run, vectors of any length only, no shape dictionary needed. In:
    /// <c>__pss.pixels</c>, UInt8 [1, n] with n = 3 * H * W, planes of red, green, blue (with <see cref="OnnxExportOptions.FreeSize"/> H and W follow
    /// from the scaled image, and are 32 for a missing one); <c>__pss.geometry</c>, Float32 [1, 4]:
    /// scale across, scale down (input pixels for one original pixel), width and height of the scaled image at the top left of the input;
    /// all four zero for a missing image, which has no detections (its pixels must still be n bytes). Out, in descending score order,
    /// only what reaches the score threshold, m may be 0: <c>__pss.boxes</c>, Float32 [1, 4m] as x1, y1, x2, y2 in pixels of the original image,
    /// clipped to it; <c>__pss.scores</c>, Float32 [1, m]; <c>__pss.labels</c>, text [1, m], the class names; of a detector with masks
    /// <c>__pss.masks</c>, UInt8 [1, m * height * width], row by row of the original image.
    /// </remarks>
    /// <param name="model">The detector.</param>
    /// <param name="path">The file; replaced if it is there.</param>
    /// <param name="options">How to export it; null takes the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of its range or does not fit the detector.</exception>
    /// <exception cref="WeightFileException">The weights are those of another network.</exception>
    /// <exception cref="TorchRuntimeException">libtorch does not load.</exception>
    public static void ExportForPipeline(DetectorModel model, string path, OnnxExportOptions? options = null)
        => Build(model, (options ?? new()) with { ForPipeline = true }).Write(path);

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
        var ranges = options.CalibrationImages is { } images ? Calibration.Measure(network, images, options.RuleFor(model.Resize)) : null;
        var outputs = network.Export(new(graph, type, network, ranges), input.Normalize(model.Options.Pixels, type), withSelector: mode == DetectionMode.EndToEnd);
        var detections = new PostProcessor(network, options.PostProcessing).Export(graph, outputs, input.Limits, input.Size);
        if (options.ScalesInside)
            detections = detections.ToOriginal(graph, input.Scales, input.Original);
        switch (options.Signature)
        {
            case OnnxSignature.Image:
                detections.OutputImage(graph, options.Prefix, MaskPixels);
                break;
            case OnnxSignature.Pipeline:
                detections.OutputPipeline(graph, options.Prefix, input.Scales, model.Classes, MaskPixels);
                break;
            default:
                detections.OutputPlain(graph, options.Prefix, options.Batch, MaskPixels);
                break;
        }
        OnnxContract.Write(graph, model, options, mode, input.Size);
        return graph;

        OnnxValue MaskPixels(OnnxValue masks) => options.Signature == OnnxSignature.Plain
            ? MaskGraph.AtInput(graph, masks)
            : MaskGraph.AtOriginal(graph, masks, input.Sizes, options.ScalesInside ? input.Original : input.PipelineOriginal());
    }
}
