
namespace Pss.Engine.Backbones;

/// <summary>Where a bottleneck block halves the resolution, and the pixel format that weights of that kind expect.</summary>
public enum ResNetStyle
{
    /// <summary>Stride in the first 1x1 convolution, BGR pixels minus a mean: the "MSRA" weights of the paper's configurations.</summary>
    Caffe,

    /// <summary>Stride in the 3x3 convolution, RGB pixels normalized by mean and standard deviation: torchvision's weights.</summary>
    PyTorch,

    /// <summary>As <see cref="Caffe"/>, with the means of detectron2: its weights of the same origin, which AdelaiDet and later MMDetection take.</summary>
    Detectron2,
}
