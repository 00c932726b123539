using System.ComponentModel;
using System.Diagnostics;

namespace Pss.Tool.Tests;

/// <summary>A test that starts processes by Open MPI's mpirun.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MpirunFactAttribute : FactAttribute
{
    private static readonly Lazy<bool> IsThere = new(Find);

    public MpirunFactAttribute()
    {
        if (!IsThere.Value)
            Skip = "Open MPI's mpirun is not installed: apt-get install openmpi-bin.";
    }

    private static bool Find()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("mpirun", ["--version"]) { RedirectStandardOutput = true })!;
            return process.StandardOutput.ReadToEnd().Contains("Open MPI", StringComparison.Ordinal);
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
