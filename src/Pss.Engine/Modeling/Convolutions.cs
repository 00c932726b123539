using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Pss.Engine.Modeling;

/// <summary>Makes the modules' convolutions.</summary>
internal static class Convolutions
{
    /// <summary>A square convolution that keeps the size, up to its stride. What it starts from is TorchSharp's: draw its weights.</summary>
    public static Conv2d Create(long input, long output, long kernel, long stride = 1, bool bias = true)
    {
        // TorchSharp looks at a slice of the weight to draw a bias and leaves it to the finalizer, which would keep the weight's memory
        // after the network is disposed of.
        using var scope = NewDisposeScope();
        return Conv2d(input, output, kernel, stride, padding: kernel / 2, bias: bias);
    }
}
