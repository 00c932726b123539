using Microsoft.ML.Runtime;

namespace Microsoft.ML;

public sealed class MLContext : IHostEnvironment
{
    public MLContext(int? seed = null)
    {
        Environment = new HostEnvironment(seed);
        Transforms = new TransformsCatalog(Environment);
        Model = new ModelOperationsCatalog(Environment);
        Data = new DataOperationsCatalog(Environment);
    }

    public event EventHandler<LoggingEventArgs> Log
    {
        add => Settings.Log += value;
        remove => Settings.Log -= value;
    }

    public TransformsCatalog Transforms { get; }

    public ModelOperationsCatalog Model { get; }

    public DataOperationsCatalog Data { get; }

    public ComponentCatalog ComponentCatalog => Settings.ComponentCatalog;

    public int? GpuDeviceId
    {
        get => Settings.GpuDeviceId;
        set => Settings.GpuDeviceId = value;
    }

    public bool FallbackToCpu
    {
        get => Settings.FallbackToCpu;
        set => Settings.FallbackToCpu = value;
    }

    public string TempFilePath
    {
        get => Settings.TempFilePath;
        set => Settings.TempFilePath = value;
    }

    internal HostEnvironment Environment { get; }

    private EnvironmentSettings Settings => Environment.Settings;

    IHost IHostEnvironment.Register(string name, int? seed, bool? verbose) => Environment.Register(name, seed, verbose);

    IChannel IChannelProvider.Start(string name) => Environment.Start(name);

    IProgressChannel IProgressChannelProvider.StartProgressChannel(string name) => Environment.StartProgressChannel(name);
}
