using TorchSharp;
using static TorchSharp.torch;

namespace Pss.Engine;

/// <summary>Copies tensors from host memory to the device.</summary>
internal static class DeviceCopy
{
    /// <summary>The tensor on a device; itself where it is there already. For a GPU the copy is only queued, behind the work that the GPU still has: from
    /// pageable memory it would wait for that work. The result belongs to the current dispose scope.</summary>
    public static Tensor ToDevice(this Tensor host, Device device)
    {
        if (device.type != DeviceType.CUDA || host.device.type == DeviceType.CUDA)
            return host.to(device);
        // libtorch keeps pinned memory back until the copies out of it have run, however soon the tensor is disposed.
        using var pinned = host.pin_memory();
        return pinned.to(device, non_blocking: true);
    }
}
