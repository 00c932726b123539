
namespace Pss.Engine.Onnx;

/// <summary>What goes into an exported detector and what comes out. W and H are the size of its input, K the most detections of an image.</summary>
public enum OnnxSignature
{
    /// <summary>
    /// For any program. In: <c>images</c>, UInt8 [N, 3, H, W], planes of red, green, blue; with
    /// <see cref="OnnxExportOptions.ImageSizes"/> also <c>sizes</c>, Float32 [N, 2], width and height of each image at the top left of its
    /// padded input. Out, best first: <c>boxes</c>, Float32 [N, K, 4] as x1, y1, x2, y2 in pixels of the input; <c>scores</c>, Float32
    /// [N, K]; <c>labels</c>, Int64 [N, K]. Rows behind the last detection have the box 0, the score 0 and the label -1.
    /// </summary>
    Plain,

    /// <summary>
    /// For ML.NET's ApplyOnnxModel behind a transform that letterboxes: one image a run, vectors of any length only, no shape dictionary
    /// needed. In: <c>__pss.pixels</c>, UInt8 [1, n] with n = 3 * H * W, planes of red, green, blue (with <see cref="OnnxExportOptions.FreeSize"/>
    /// H and W follow from the scaled image, and are 32 for a missing one); <c>__pss.geometry</c>, Float32 [1, 4]:
    /// scale across, scale down (input pixels for one original pixel), width and height of the scaled image at the top left of the input;
    /// all four zero for a missing image, which has no detections (its pixels must still be n bytes). Out, best first, only what reaches
    /// the score threshold, m may be 0: <c>__pss.boxes</c>, Float32 [1, 4m] as x1, y1, x2, y2 in pixels of the original image, cut off at
    /// its edges; <c>__pss.scores</c>, Float32 [1, m]; <c>__pss.labels</c>, text [1, m], the class names.
    /// </summary>
    Pipeline,
}
