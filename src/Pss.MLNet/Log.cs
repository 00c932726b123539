using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace Pss.MLNet;

/// <summary>Logging to an MLContext and device selection from it; without a context nothing is logged.</summary>
internal sealed class Log(MLContext? context) : IDisposable
{
    private readonly IChannel? _channel = ((IChannelProvider?)context)?.Start("DetectObjectsPss");

    public void Info(string message) => _channel?.Info(MessageSensitivity.None, "{0}", message);

    public void Warning(string message) => _channel?.Warning(MessageSensitivity.None, "{0}", message);

    /// <summary>The device to request from the engine: the named one, else the context's GPU, else null for the engine's default.</summary>
    public string? Device(string? named)
    {
        if (named is not null || context?.GpuDeviceId is not { } gpu)
            return named;
        if (gpu < Engine.TorchRuntime.GpuCount || !context.FallbackToCpu)
            return $"cuda:{gpu}";
        Warning($"GPU {gpu} is not available: using the CPU, since FallbackToCpu is true.");
        return "cpu";
    }

    public void Dispose() => _channel?.Dispose();
}
