using Pss.Engine.Boxes;
using static TorchSharp.torch;

namespace Pss.Engine.Detectors;

/// <summary>Predictions of a detector at each of its L locations, finest level first, row by row in each level.</summary>
/// <param name="ClassLogits">[N, L, C].</param>
/// <param name="Boxes">[N, L, 4], in the detector's box encoding: see <see cref="BoxCoder.Decode"/>.</param>
/// <param name="QualityLogits">What multiplies the class probabilities of a location, [N, L]: center-ness, or GFocalV2's quality; null for nothing.</param>
/// <param name="SelectorLogits">[N, L]; null without a selector.</param>
/// <param name="Levels">Sizes and strides of the levels.</param>
internal sealed record HeadOutputs(
    Tensor ClassLogits, Tensor Boxes, Tensor? QualityLogits, Tensor? SelectorLogits, IReadOnlyList<LevelShape> Levels)
{
    /// <summary>GFocalV2's logits of the four distances, [N, L, 4, bins]; null in other detectors.</summary>
    public Tensor? Distributions { get; init; }

    /// <summary>VFNet's boxes before their refinement, [N, L, 4]; null in other detectors.</summary>
    public Tensor? FirstBoxes { get; init; }

    /// <summary>The parameters of CondInst's dynamic mask head for each location, [N, L, 169]; null without masks.</summary>
    public Tensor? MaskParameters { get; init; }

    /// <summary>CondInst's features that all masks of an image share, [N, 8, H / 8, W / 8]; null without masks.</summary>
    public Tensor? MaskFeatures { get; init; }

    /// <summary>The class logits of every pixel of P3 by CondInst's semantic branch, [N, H / 8 * W / 8, C]; null without it, and in inference.</summary>
    public Tensor? SemanticLogits { get; init; }

    /// <summary>The same with half-precision tensors as float32: losses and decoding stay exact.</summary>
    public HeadOutputs ToFloat32() => Map(tensor => tensor.ToFloat32());

    /// <summary>Hands the tensors to the outer dispose scope.</summary>
    public HeadOutputs MoveToOuterDisposeScope() => Map(tensor => tensor.MoveToOuterDisposeScope());

    /// <summary>Maps [N, K, H, W] of all levels to [N, L, K].</summary>
    public static Tensor Flatten(IEnumerable<Tensor> maps) => cat([.. maps.Select(map => map.permute(0, 2, 3, 1).flatten(1, 2))], 1);

    private HeadOutputs Map(Func<Tensor, Tensor> function) => this with
    {
        ClassLogits = function(ClassLogits),
        Boxes = function(Boxes),
        QualityLogits = Optional(QualityLogits, function),
        SelectorLogits = Optional(SelectorLogits, function),
        Distributions = Optional(Distributions, function),
        FirstBoxes = Optional(FirstBoxes, function),
        MaskParameters = Optional(MaskParameters, function),
        MaskFeatures = Optional(MaskFeatures, function),
        SemanticLogits = Optional(SemanticLogits, function),
    };

    private static Tensor? Optional(Tensor? tensor, Func<Tensor, Tensor> function) => tensor is null ? null : function(tensor);
}
