using System.Runtime.InteropServices;

namespace Pss.Engine.Tests;

/// <summary>Tests that measure the process's memory: nothing else may run beside them.</summary>
[CollectionDefinition(nameof(ResidentMemory), DisableParallelization = true)]
public sealed class ResidentMemory
{
    /// <summary>Megabytes by which resident memory in use grows over the repetitions, after a warm-up. Where that passes the limit, the repetitions are
    /// measured again, three times at most: a leak grows each time, what the runtime or an allocator takes once does not.</summary>
    public static double Growth(int warmUp, int repetitions, double limit, Action work)
    {
        for (var i = 0; i < warmUp; i++)
            work();
        var growth = double.PositiveInfinity;
        for (var attempt = 0; attempt < 3 && growth > limit; attempt++)
        {
            var before = Settled();
            for (var i = 0; i < repetitions; i++)
                work();
            growth = (Settled() - before) / 1e6;
        }
        return growth;
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
