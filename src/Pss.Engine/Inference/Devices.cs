using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace Pss.Engine.Inference;

/// <summary>Which device is meant.</summary>
internal static class Devices
{
    /// <summary>The device of that name; null takes the first GPU, or the CPU where there is none.</summary>
    /// <exception cref="ArgumentException">There is no such device here.</exception>
    internal static Device Choose(string? name)
    {
        var gpus = TorchRuntime.GpuCount;
        if (name is null)
            return new Device(gpus > 0 ? DeviceType.CUDA : DeviceType.CPU, gpus > 0 ? 0 : -1);
        if (name == "cpu")
            return new Device(DeviceType.CPU);
        var index = name == "cuda" ? 0 : name.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(name.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
        if (index < 0)
            throw new ArgumentException($"'{name}' is no device: write cpu, cuda or cuda:N.", nameof(name));
        if (index >= gpus)
            throw new ArgumentException($"There is no device '{name}' here, libtorch sees {gpus} GPUs: take another, install TorchSharp's CUDA package, or use cpu.", nameof(name));
        return new Device(DeviceType.CUDA, index);
    }

    /// <summary>The same for one of several processes on a machine: a GPU that no index names is that of the process's number.</summary>
    internal static Device Choose(string? name, int localRank)
        => name is null or "cuda" && TorchRuntime.GpuCount is > 0 and var gpus ? new Device(DeviceType.CUDA, localRank % gpus) : Choose(name);

    /// <summary>The type of tensors in a precision.</summary>
    internal static ScalarType ToScalarType(this Precision precision) => precision switch
    {
        Precision.BFloat16 => ScalarType.BFloat16,
        Precision.Float16 => ScalarType.Float16,
        _ => ScalarType.Float32,
    };

    /// <summary>Refuses what a device cannot compute with.</summary>
    /// <exception cref="ArgumentException">Float16 on a CPU.</exception>
    internal static void Check(Device device, Precision precision)
    {
        if (precision == Precision.Float16 && device.type == DeviceType.CPU)
            throw new ArgumentException("Float16 runs on a GPU only: take BFloat16 or Float32 on the CPU.", nameof(precision));
    }

    /// <summary>"cpu, 2 threads" or "cuda:0".</summary>
    internal static string Describe(Device device)
        => device.type == DeviceType.CUDA ? $"cuda:{device.index}" : $"cpu, {get_num_threads()} threads";
}
