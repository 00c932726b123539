
namespace Pss.Engine.Onnx.Graphs;

/// <summary>The size of a model's input.</summary>
/// <param name="Width">In pixels; the largest where the size is that of each image.</param>
/// <param name="Height">In pixels; the largest where the size is that of each image.</param>
/// <param name="Actual">Width and height, Int64 [1] each, where they differ from image to image; null where they are fixed.</param>
internal sealed record InputSize(int Width, int Height, (OnnxValue Width, OnnxValue Height)? Actual = null);
