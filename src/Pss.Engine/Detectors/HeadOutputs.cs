using Pss.Engine.Boxes;
using static TorchSharp.torch;

namespace Pss.Engine.Detectors;

/// <summary>Predictions of a detector at each of its L locations, finest level first, row by row in each level.</summary>
/// <param name="ClassLogits">[N, L, C].</param>
/// <param name="Boxes">[N, L, 4], in the detector's box encoding: see <see cref="BoxCoder.Decode"/>.</param>
/// <param name="CenternessLogits">[N, L].</param>
/// <param name="SelectorLogits">[N, L]; null without a selector.</param>
/// <param name="Levels">Sizes and strides of the levels.</param>
internal sealed record HeadOutputs(
    Tensor ClassLogits, Tensor Boxes, Tensor CenternessLogits, Tensor? SelectorLogits, IReadOnlyList<LevelShape> Levels)
{
    /// <summary>The same with half-precision tensors as float32: losses and decoding stay exact.</summary>
    public HeadOutputs ToFloat32() => this with
    {
        ClassLogits = ClassLogits.ToFloat32(),
        Boxes = Boxes.ToFloat32(),
        CenternessLogits = CenternessLogits.ToFloat32(),
        SelectorLogits = SelectorLogits?.ToFloat32(),
    };

    /// <summary>Maps [N, K, H, W] of all levels to [N, L, K].</summary>
    public static Tensor Flatten(IEnumerable<Tensor> maps) => cat([.. maps.Select(map => map.permute(0, 2, 3, 1).flatten(1, 2))], 1);
}
