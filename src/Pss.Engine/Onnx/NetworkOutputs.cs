using Pss.Engine.Detectors;
using Pss.Engine.Onnx.Graphs;

namespace Pss.Engine.Onnx;

/// <summary>What <see cref="HeadOutputs"/> holds, as Float32 values of a graph.</summary>
/// <param name="ClassLogits">[N, L, C].</param>
/// <param name="Boxes">[N, L, 4], in the head's box form.</param>
/// <param name="Centerness">Logits, [N, L].</param>
/// <param name="Selector">Logits, [N, L]; <see cref="OnnxValue.None"/> one to many.</param>
internal sealed record NetworkOutputs(OnnxValue ClassLogits, OnnxValue Boxes, OnnxValue Centerness, OnnxValue Selector);
