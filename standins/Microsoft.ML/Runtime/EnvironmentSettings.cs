namespace Microsoft.ML.Runtime;

/// <summary>What a context shares with every host registered on it.</summary>
internal sealed class EnvironmentSettings
{
    public event EventHandler<LoggingEventArgs> Log;

    public ComponentCatalog ComponentCatalog { get; } = new();

    public System.Collections.Concurrent.ConcurrentDictionary<string, object> Options { get; } = new();

    public int? GpuDeviceId { get; set; }

    public bool FallbackToCpu { get; set; } = true;

    public string TempFilePath { get; set; } = Path.GetTempPath();

    public void Send(LoggingEventArgs message) => Log?.Invoke(this, message);
}
