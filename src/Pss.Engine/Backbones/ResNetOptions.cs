using System.Text.Json.Serialization;
using Pss.Engine.Layers;

namespace Pss.Engine.Backbones;

/// <summary>The shape of a <see cref="ResNet"/>, ResNeXt and Res2Net included. The defaults are the paper's ResNet-50, in the style of torchvision's weights.</summary>
public sealed record ResNetOptions
{
    /// <summary>The residual block.</summary>
    [JsonInclude]
    internal ResNetBlock Block { get; init; } = ResNetBlock.Bottleneck;

    /// <summary>Blocks in each of the four stages.</summary>
    public IReadOnlyList<int> Layers { get; init; } = [3, 4, 6, 3];

    /// <summary>
    /// Channels of the stem and of the first stage's inner convolutions; each later stage has twice as many. 64 in the literature; less
    /// for small models.
    /// </summary>
    public int Width { get; init; } = 64;

    /// <summary>Groups of the 3x3 convolutions in bottlenecks; 32 in ResNeXt.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>
    /// Channels per group of the first stage's 3x3 convolutions where <see cref="Width"/> is 64, else in proportion: 4 in ResNeXt 32x4d, 26 in Res2Net 26w.
    /// </summary>
    public int WidthPerGroup { get; init; } = 64;

    /// <summary>
    /// Splits of the channels in a bottleneck; 4 in Res2Net. With 2 and more, the stem is three 3x3 convolutions and shortcuts halve the resolution
    /// by average pooling, the variant "v1d".
    /// </summary>
    public int Scales { get; init; } = 1;

    /// <summary>
    /// Stages, 1 to 4, whose 3x3 convolutions are deformable (DCNv2); C3 to C5 are the outputs of 2 to 4. The paper's models with "DCN": 2, 3, 4.
    /// </summary>
    public IReadOnlyList<int> DeformableStages { get; init; } = [];

    /// <summary>
    /// The style. The paper's configurations use <see cref="ResNetStyle.Caffe"/>; the default goes with the weights that are most
    /// widely published (the difference is 0.2 AP or less). Basic blocks are the same in both.
    /// </summary>
    public ResNetStyle Style { get; init; } = ResNetStyle.PyTorch;

    /// <summary>The normalization. The paper: <see cref="Normalization.FrozenBatchNorm"/>, as its backbones are pretrained.</summary>
    public Normalization Normalization { get; init; } = Normalization.FrozenBatchNorm;

    /// <summary>0 trains everything; k freezes the stem and the first k stages, statistics included. The paper: 1.</summary>
    public int FrozenStages { get; init; } = 1;

    /// <summary>
    /// The last normalization of each residual branch starts at zero where it is trained (not with <see cref="Normalization.FrozenBatchNorm"/>).
    /// </summary>
    public bool ZeroInitResidual { get; init; } = true;

    /// <summary>Output channels of a block over its inner channels.</summary>
    public int Expansion => Block == ResNetBlock.Bottleneck ? 4 : 1;

    /// <summary>ResNet-18.</summary>
    public static ResNetOptions ResNet18 { get; } = new() { Block = ResNetBlock.Basic, Layers = [2, 2, 2, 2] };

    /// <summary>The ResNet-18 of the package Microsoft.ML.DnnImageFeaturizer.ResNet18, whose last stage has one block more than others'; see
    /// <see cref="Weights.WeightFile.FindPretrained()"/>.</summary>
    public static ResNetOptions PretrainedResNet18 { get; } = ResNet18 with { Layers = [2, 2, 2, 3], Style = ResNetStyle.Caffe };

    /// <summary>ResNet-34.</summary>
    public static ResNetOptions ResNet34 { get; } = new() { Block = ResNetBlock.Basic, Layers = [3, 4, 6, 3] };

    /// <summary>ResNet-50.</summary>
    public static ResNetOptions ResNet50 { get; } = new();

    /// <summary>ResNet-101.</summary>
    public static ResNetOptions ResNet101 { get; } = new() { Layers = [3, 4, 23, 3] };

    /// <summary>ResNeXt-101 32x4d.</summary>
    public static ResNetOptions ResNeXt101 { get; } = ResNet101 with { Groups = 32, WidthPerGroup = 4 };

    /// <summary>Res2Net-101 26w 4s, variant v1d.</summary>
    public static ResNetOptions Res2Net101 { get; } = ResNet101 with { WidthPerGroup = 26, Scales = 4 };

    /// <summary>The same shape for training without pretrained weights: trained normalization, nothing frozen.</summary>
    /// <param name="normalization">Batch or group normalization.</param>
    public ResNetOptions FromScratch(Normalization normalization = Normalization.BatchNorm) =>
        this with { Normalization = normalization, FrozenStages = 0 };

    /// <summary>Whether weights of the other shape fit this one and its pixels.</summary>
    /// <param name="other">The shape that the weights belong to.</param>
    public bool SharesWeightsWith(ResNetOptions other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return (Block, Width, Groups, WidthPerGroup, Scales, Style) == (other.Block, other.Width, other.Groups, other.WidthPerGroup, other.Scales, other.Style)
            && Layers.SequenceEqual(other.Layers);
    }

    /// <summary>Output channels of a stage.</summary>
    /// <param name="stage">1 to 4.</param>
    public int ChannelsOf(int stage) => (Width << (stage - 1)) * Expansion;

    /// <summary>Channels of a stage's 3x3 convolutions; with several scales, those of each.</summary>
    internal int InnerChannelsOf(int stage) => (Width << (stage - 1)) * WidthPerGroup / 64 * Groups;

    /// <summary>Weights of the 3x3 convolutions of a stage, or fewer.</summary>
    internal double LeastWeightsOf(int stage) =>
        9 * Layers[stage - 1] * Math.Max(1, Scales - 1) * Math.Pow(InnerChannelsOf(stage), 2) / Groups;

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A property is out of its range; the message names it.</exception>
    public void Validate()
    {
        bool four = Layers.Count == 4 && Layers.All(count => count >= 1);
        Check.That(four, nameof(Layers), string.Join(", ", Layers), "four counts of at least 1");
        Check.Within(Width, 4, 1024);
        Check.Within(FrozenStages, 0, 4);
        Check.Within(Groups, 1, 1024);
        Check.Within(WidthPerGroup, 1, 1024);
        Check.Within(Scales, 1, 16);
        Check.That(InnerChannelsOf(1) >= 1, nameof(WidthPerGroup), WidthPerGroup, FormattableString.Invariant($"at least {64.0 / Width:0.#} at a width of {Width}"));
        bool bottleneck = Block == ResNetBlock.Bottleneck;
        Check.That(bottleneck || Groups == 1, nameof(Groups), Groups, "1 in basic blocks");
        Check.That(bottleneck || WidthPerGroup == 64, nameof(WidthPerGroup), WidthPerGroup, "64 in basic blocks");
        Check.That(Scales == 1 || (bottleneck && Groups == 1 && Style == ResNetStyle.PyTorch), nameof(Scales), Scales,
            "1 in basic blocks, with groups and in the style Caffe");
        bool stages = DeformableStages.All(stage => stage is >= 1 and <= 4) && DeformableStages.Distinct().Count() == DeformableStages.Count;
        Check.That(stages, nameof(DeformableStages), string.Join(", ", DeformableStages), "different stages from 1 to 4");
    }
}
