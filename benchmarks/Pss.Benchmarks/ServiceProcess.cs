using System.Diagnostics;
using System.Globalization;

namespace Pss.Benchmarks;

/// <summary>The service sample in a process of its own.</summary>
internal sealed class ServiceProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _log;

    public ServiceProcess(string model)
    {
        var program = Path.Combine(Repository.Root, "samples", "DetectionService", "bin", "Release", "net10.0", "DetectionService.dll");
        _process = Process.Start(new ProcessStartInfo("dotnet", ["exec", program, model, "--listen", "127.0.0.1:0"]) { RedirectStandardOutput = true })!;
        var line = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The service did not start.");
        // A full pipe would stop the service.
        _log = _process.StandardOutput.ReadToEndAsync();
        Address = new(line[line.IndexOf("http", StringComparison.Ordinal)..line.IndexOf(';')]);
    }

    public Uri Address { get; }

    /// <summary>Memory of the process in MB.</summary>
    public double ResidentMegabytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64 / 1e6;
        }
    }

    /// <summary>Processor time of the process.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>A value of the service's metrics.</summary>
    public async Task<double> Metric(HttpClient client, string name)
    {
        var line = (await client.GetStringAsync(new Uri(Address, "metrics"))).Split('\n').FirstOrDefault(line => line.StartsWith(name + " ", StringComparison.Ordinal));
        return line is null ? 0 : double.Parse(line[(name.Length + 1)..], CultureInfo.InvariantCulture);
    }

    /// <summary>Ends the service; what it logged.</summary>
    public async Task<string> End()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        return await _log;
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
