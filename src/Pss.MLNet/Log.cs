using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace Pss.MLNet;

/// <summary>What a context hears and says; silent without one.</summary>
internal sealed class Log(MLContext? context) : IDisposable
{
    private readonly IChannel? _channel = ((IChannelProvider?)context)?.Start("DetectObjectsPss");

    public void Info(string message) => _channel?.Info(MessageSensitivity.None, "{0}", message);

    public void Warning(string message) => _channel?.Warning(MessageSensitivity.None, "{0}", message);

    /// <summary>The device to ask the engine for: the one of the options, else the context's GPU, else null for the engine's choice.</summary>
    public string? Device(string? named)
    {
        if (named is not null || context?.GpuDeviceId is not { } gpu)
            return named;
        if (gpu < Engine.Inference.Devices.GpuCount || !context.FallbackToCpu)
            return $"cuda:{gpu}";
        Warning($"There is no GPU {gpu} here: going on with the CPU, as FallbackToCpu says.");
        return "cpu";
    }

    public void Dispose() => _channel?.Dispose();
}
