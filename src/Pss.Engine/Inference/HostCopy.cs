using TorchSharp;
using static TorchSharp.torch;

namespace Pss.Engine.Inference;

/// <summary>Copies off the device.</summary>
internal static class HostCopy
{
    /// <summary>All elements, row by row.</summary>
    public static T[] ToHost<T>(this Tensor tensor)
        where T : unmanaged
        => tensor.cpu().contiguous().data<T>().ToArray();
}
