namespace Pss.Engine.Onnx;

/// <summary>Inputs and outputs of an exported detector. W and H are the size of its network input, K is the largest number of detections per image.</summary>
public enum OnnxSignature
{
    /// <summary>
    /// Batches of the network's input size, scaled by the caller. In: <c>images</c>, UInt8 [N, 3, H, W], planes of red, green and blue, each
    /// image at the top left; <c>sizes</c>, Float32 [N, 2], width and height of each scaled image (see <see cref="OnnxExportOptions.ImageSizes"/>).
    /// Pixels outside these sizes are ignored. Out, in descending score order: <c>boxes</c>, Float32 [N, K, 4] as x1, y1, x2, y2 in pixels of the
    /// input; <c>scores</c>, Float32 [N, K]; <c>labels</c>, Int64 [N, K]. Rows after the last detection have the box 0, the score 0 and the
    /// label -1.
    /// </summary>
    Plain,

    /// <summary>
    /// For ML.NET's ApplyOnnxModel behind a transform that scales: one image per run, vectors of any length only, no shape dictionary
    /// needed. In: <c>__pss.pixels</c>, UInt8 [1, n] with n = 3 * H * W, planes of red, green, blue (with <see cref="OnnxExportOptions.FreeSize"/>
    /// H and W follow from the scaled image, and are 32 for a missing one); <c>__pss.geometry</c>, Float32 [1, 4]:
    /// scale across, scale down (input pixels for one original pixel), width and height of the scaled image at the top left of the input;
    /// all four zero for a missing image, which has no detections (its pixels must still be n bytes). Out, in descending score order, only what
    /// reaches the score threshold, m may be 0: <c>__pss.boxes</c>, Float32 [1, 4m] as x1, y1, x2, y2 in pixels of the original image, clipped
    /// to it; <c>__pss.scores</c>, Float32 [1, m]; <c>__pss.labels</c>, text [1, m], the class names.
    /// </summary>
    Pipeline,

    /// <summary>
    /// One image at its own size, scaled and padded inside the graph. In: <c>image</c>, UInt8 [height, width, 3], interleaved red, green and
    /// blue. Out, in descending score order, only what reaches the score threshold, m may be 0: <c>boxes</c>, Float32 [m, 4] as x1, y1, x2, y2
    /// in pixels of that image, clipped to it; <c>scores</c>, Float32 [m]; <c>labels</c>, Int64 [m].
    /// </summary>
    Image,

    /// <summary>
    /// A batch of images at their own sizes, scaled and padded inside the graph. In: <c>images</c>, UInt8 [N, height, width, 3], interleaved
    /// red, green and blue, each image at the top left; <c>sizes</c>, Float32 [N, 2], width and height of each. Pixels outside these sizes are
    /// ignored. Out as in <see cref="Plain"/>, with boxes in pixels of each image.
    /// </summary>
    Images,
}
