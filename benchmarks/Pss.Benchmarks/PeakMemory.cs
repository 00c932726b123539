using System.Globalization;

namespace Pss.Benchmarks;

/// <summary>The most resident memory of this process since a point in time.</summary>
internal static class PeakMemory
{
    /// <summary>Starts anew.</summary>
    /// <returns>What tells the most bytes since; on systems that cannot start anew, since the start of the process.</returns>
    public static Func<long> Restart()
    {
        if (OperatingSystem.IsLinux())
            File.WriteAllText("/proc/self/clear_refs", "5");
        return Most;
    }

    private static long Most()
    {
        if (!OperatingSystem.IsLinux())
            return System.Diagnostics.Process.GetCurrentProcess().PeakWorkingSet64;
        var line = File.ReadLines("/proc/self/status").First(text => text.StartsWith("VmHWM:", StringComparison.Ordinal));
        return 1024 * long.Parse(line["VmHWM:".Length..].Trim().Split(' ')[0], CultureInfo.InvariantCulture);
    }
}
