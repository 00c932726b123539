using Pss.Engine.Boxes;
using Pss.Engine.Losses;
using static TorchSharp.torch;

namespace Pss.Engine.Detectors;

/// <summary>What the network predicts at each of its L locations, finest level first, row by row in each level.</summary>
/// <param name="ClassLogits">[N, L, C].</param>
/// <param name="Boxes">[N, L, 4], in the head's box form: see <see cref="BoxCoder.Decode"/>.</param>
/// <param name="CenternessLogits">[N, L].</param>
/// <param name="SelectorLogits">[N, L]; null for a base detector.</param>
/// <param name="Levels">Sizes and strides of the levels.</param>
public sealed record HeadOutputs(
    Tensor ClassLogits, Tensor Boxes, Tensor CenternessLogits, Tensor? SelectorLogits, IReadOnlyList<LevelShape> Levels)
{
    /// <summary>The same with half-precision tensors as float32: losses and decoding stay exact.</summary>
    public HeadOutputs ToFloat32() => this with
    {
        ClassLogits = FusedLogit.ToFloat32(ClassLogits),
        Boxes = FusedLogit.ToFloat32(Boxes),
        CenternessLogits = FusedLogit.ToFloat32(CenternessLogits),
        SelectorLogits = SelectorLogits is null ? null : FusedLogit.ToFloat32(SelectorLogits),
    };
}
