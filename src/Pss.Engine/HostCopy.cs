using static TorchSharp.torch;

namespace Pss.Engine;

/// <summary>Copies off the device: the one place that reads a tensor's elements.</summary>
internal static class HostCopy
{
    /// <summary>All elements, row by row; none of a tensor without elements.</summary>
    public static T[] ToHost<T>(this Tensor tensor)
        where T : unmanaged
    {
        // TorchSharp's accessor throws where there is nothing to read.
        if (tensor.numel() == 0)
            return [];
        using var scope = NewDisposeScope();
        return tensor.cpu().contiguous().data<T>().ToArray();
    }
}
