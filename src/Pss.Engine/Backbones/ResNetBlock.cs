
namespace Pss.Engine.Backbones;

/// <summary>The residual block a <see cref="ResNet"/> is built of.</summary>
internal enum ResNetBlock
{
    /// <summary>Two 3x3 convolutions; ResNet-18 and 34.</summary>
    Basic,

    /// <summary>1x1, 3x3, 1x1 with four times the channels at the end; ResNet-50 and 101, ResNeXt, Res2Net.</summary>
    Bottleneck,
}
