using static TorchSharp.torch;

namespace Pss.Engine;

/// <summary>Copies tensors to host memory: the only place that reads a tensor's elements.</summary>
internal static class HostCopy
{
    /// <summary>All elements in row-major order; empty for a tensor without elements.</summary>
    public static T[] ToHost<T>(this Tensor tensor)
        where T : unmanaged
    {
        // TorchSharp's accessor throws for an empty tensor.
        if (tensor.numel() == 0)
            return [];
        using var scope = NewDisposeScope();
        return tensor.cpu().contiguous().data<T>().ToArray();
    }
}
