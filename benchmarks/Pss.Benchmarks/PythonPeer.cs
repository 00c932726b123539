using System.Diagnostics;
using System.Globalization;

namespace Pss.Benchmarks;

/// <summary>A Python process that times one named job of benchmarks/peers on request, so that both sides take turns in one run.</summary>
internal sealed class PythonPeer : IDisposable
{
    private readonly Process _process;

    public PythonPeer(string script, string job, int threads)
    {
        var python = Environment.GetEnvironmentVariable("PEER_PYTHON") ?? "/usr/bin/python3";
        _process = Process.Start(new ProcessStartInfo(python, [Path.Combine(Repository.Root, "benchmarks", "peers", script), job, threads.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        Version = ReadLine();
    }

    /// <summary>The version of torch on the other side.</summary>
    public string Version { get; }

    /// <summary>Runs the job once over there; milliseconds by its own clock.</summary>
    public double Run()
    {
        _process.StandardInput.WriteLine("run");
        _process.StandardInput.Flush();
        return double.Parse(ReadLine(), CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private string ReadLine()
        => _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException(
            "The Python peer ended early: install python3-torch and python3-torchvision, or name another Python in PEER_PYTHON.");
}
