
namespace Pss.Engine.Backbones;

/// <summary>Where a bottleneck block halves the resolution, and the pixel format that weights of that kind expect.</summary>
public enum ResNetDialect
{
    /// <summary>Stride in the first 1x1 convolution, BGR pixels minus a mean: the "MSRA" weights of the paper's configurations.</summary>
    Caffe,

    /// <summary>Stride in the 3x3 convolution, RGB pixels normalised by mean and deviation: torchvision's weights.</summary>
    PyTorch,
}
