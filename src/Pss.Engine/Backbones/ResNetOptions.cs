using System.Text.Json.Serialization;
using Pss.Engine.Layers;

namespace Pss.Engine.Backbones;

/// <summary>The shape of a <see cref="ResNet"/>. The defaults are the paper's ResNet-50, in the style of torchvision's weights.</summary>
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

    /// <summary>ResNet-34.</summary>
    public static ResNetOptions ResNet34 { get; } = new() { Block = ResNetBlock.Basic, Layers = [3, 4, 6, 3] };

    /// <summary>ResNet-50.</summary>
    public static ResNetOptions ResNet50 { get; } = new();

    /// <summary>ResNet-101.</summary>
    public static ResNetOptions ResNet101 { get; } = new() { Layers = [3, 4, 23, 3] };

    /// <summary>The same shape for training without pretrained weights: trained normalization, nothing frozen.</summary>
    /// <param name="normalization">Batch or group normalization.</param>
    public ResNetOptions FromScratch(Normalization normalization = Normalization.BatchNorm) =>
        this with { Normalization = normalization, FrozenStages = 0 };

    /// <summary>Output channels of a stage.</summary>
    /// <param name="stage">1 to 4.</param>
    public int ChannelsOf(int stage) => (Width << (stage - 1)) * Expansion;

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A property is out of its range; the message names it.</exception>
    public void Validate()
    {
        bool four = Layers.Count == 4 && Layers.All(count => count >= 1);
        Check.That(four, nameof(Layers), string.Join(", ", Layers), "four counts of at least 1");
        Check.Within(Width, 4, 1024);
        Check.Within(FrozenStages, 0, 4);
    }
}
