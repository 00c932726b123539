

namespace Pss.Engine.Backbones;

/// <summary>
/// How bytes 0..255 become the network's input: channel order, then (value - mean) / standard deviation. Means and standard deviations are in the order
/// of the network's channels.
/// </summary>
/// <param name="Bgr">True when the network's first channel is blue.</param>
/// <param name="Mean">Three means, 0..255.</param>
/// <param name="Std">Three standard deviations, 0..255.</param>
internal sealed record PixelNormalization(bool Bgr, IReadOnlyList<double> Mean, IReadOnlyList<double> Std)
{
    /// <summary>RGB with ImageNet's means and standard deviations (255 times torchvision's).</summary>
    public static PixelNormalization PyTorch { get; } = new(false, [123.675, 116.28, 103.53], [58.395, 57.12, 57.375]);

    /// <summary>BGR minus the means of the Detectron-1 weights, which the paper's configurations use.</summary>
    public static PixelNormalization Caffe { get; } = new(true, [102.9801, 115.9465, 122.7717], [1, 1, 1]);

    /// <summary>BGR minus the means of detectron2.</summary>
    public static PixelNormalization Detectron2 { get; } = new(true, [103.53, 116.28, 123.675], [1, 1, 1]);

    /// <summary>The format that goes with a style's weights.</summary>
    /// <param name="style">The backbone's style.</param>
    public static PixelNormalization For(ResNetStyle style) => style switch
    {
        ResNetStyle.Caffe => Caffe,
        ResNetStyle.Detectron2 => Detectron2,
        _ => PyTorch,
    };
}
