using System.Globalization;

namespace Pss.Benchmarks;

/// <summary>How busy the machine is with what a benchmark does not want beside it.</summary>
internal static class MachineLoad
{
    private const int TicksPerSecond = 100;

    /// <summary>The load average of the last minute; "unknown" where the system does not tell.</summary>
    public static string Average() => OperatingSystem.IsLinux() ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";

    /// <summary>Processor time of all processes but this one and the busy one, since some point; always zero where the system does not tell.</summary>
    public static TimeSpan Others(BusyProcess busy)
    {
        if (!OperatingSystem.IsLinux())
            return TimeSpan.Zero;
        // cpu user nice system idle iowait irq softirq steal ...
        var ticks = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..9].Select(number => long.Parse(number, CultureInfo.InvariantCulture)).ToArray();
        return TimeSpan.FromSeconds((ticks.Sum() - ticks[3] - ticks[4]) / (double)TicksPerSecond) - Environment.CpuUsage.TotalTime - busy.ProcessorTime;
    }
}
