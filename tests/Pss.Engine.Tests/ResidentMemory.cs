using System.Runtime.InteropServices;

namespace Pss.Engine.Tests;

/// <summary>Tests that measure the process's memory: nothing else may run beside them.</summary>
[CollectionDefinition(nameof(ResidentMemory), DisableParallelization = true)]
public sealed class ResidentMemory
{
    /// <summary>Megabytes by which resident memory in use has grown between the end of a warm-up and the last of the repetitions.</summary>
    public static double Growth(int warmUp, int repetitions, Action work)
    {
        for (var i = 0; i < warmUp; i++)
            work();
        var before = Settled();
        for (var i = 0; i < repetitions; i++)
            work();
        return (Settled() - before) / 1e6;
    }

    private static long Settled()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        // What either allocator keeps for the next call is not lost: it comes and goes with the tests before.
        if (OperatingSystem.IsLinux())
            malloc_trim(0);
        return Environment.WorkingSet - GC.GetGCMemoryInfo().TotalCommittedBytes + GC.GetTotalMemory(forceFullCollection: false);
    }

    [DllImport("libc")]
    private static extern int malloc_trim(nint keep);
}
