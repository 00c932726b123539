using System.Collections.Concurrent;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

public sealed class MLContext : IHostEnvironment
{
    private readonly HostEnvironment _env;
    private readonly ConcurrentDictionary<string, object> _options = new();

    public MLContext(int? seed = null)
    {
        _env = new HostEnvironment(this, null, seed is { } given ? new Random(given) : new Random());
        Transforms = new TransformsCatalog(_env);
        Model = new ModelOperationsCatalog(_env);
        Data = new DataOperationsCatalog(_env);
    }

    public event EventHandler<LoggingEventArgs> Log;

    public TransformsCatalog Transforms { get; }

    public ModelOperationsCatalog Model { get; }

    public DataOperationsCatalog Data { get; }

    public ComponentCatalog ComponentCatalog { get; } = new();

    public int? GpuDeviceId { get; set; }

    public bool FallbackToCpu { get; set; } = true;

    public string TempFilePath { get; set; } = Path.GetTempPath();

    public void SetOption<T>(string name, T value) => _options[name] = value;

    public bool TryGetOption<T>(string name, out T value)
    {
        var found = _options.TryGetValue(name, out var option);
        value = found ? (T)option : default;
        return found;
    }

    IHost IHostEnvironment.Register(string name, int? seed, bool? verbose) => _env.Register(name, seed, verbose);

    IChannel IChannelProvider.Start(string name) => _env.Start(name);

    IProgressChannel IProgressChannelProvider.StartProgressChannel(string name) => _env.StartProgressChannel(name);

    internal void Send(LoggingEventArgs message) => Log?.Invoke(this, message);
}
