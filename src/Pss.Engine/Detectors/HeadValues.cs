using Pss.Engine.Onnx.Graphs;

namespace Pss.Engine.Detectors;

/// <summary>What <see cref="HeadOutputs"/> holds, as Float32 values of a graph.</summary>
/// <param name="ClassLogits">[N, L, C].</param>
/// <param name="Boxes">[N, L, 4], in the detector's box encoding.</param>
/// <param name="QualityLogits">[N, L]; <see cref="OnnxValue.None"/> without such a factor.</param>
/// <param name="SelectorLogits">[N, L]; <see cref="OnnxValue.None"/> without a selector.</param>
internal sealed record HeadValues(OnnxValue ClassLogits, OnnxValue Boxes, OnnxValue QualityLogits, OnnxValue SelectorLogits)
{
    /// <summary>[N, L, 169]; <see cref="OnnxValue.None"/> without masks.</summary>
    public OnnxValue MaskParameters { get; init; } = OnnxValue.None;

    /// <summary>[N, 8, H / 8, W / 8]; <see cref="OnnxValue.None"/> without masks.</summary>
    public OnnxValue MaskFeatures { get; init; } = OnnxValue.None;
}
