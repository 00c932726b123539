namespace Pss.Engine.Training;

/// <summary>Memory of the machine or container, and of this process.</summary>
internal static class MachineMemory
{
    private static readonly TimeSpan SamplingInterval = TimeSpan.FromMilliseconds(2);

    /// <summary>Bytes that nothing uses, within the container's limit.</summary>
    public static long Free()
    {
        // Its numbers are those of the last collection.
        GC.Collect();
        var info = GC.GetGCMemoryInfo(GCKind.Any);
        return Math.Max(0, info.TotalAvailableMemoryBytes - info.MemoryLoadBytes);
    }

    /// <summary>The most memory that work takes beyond what the process has when it begins, in bytes.</summary>
    /// <param name="work">What to measure.</param>
    public static long PeakOf(Action work)
    {
        var (start, peak) = (Environment.WorkingSet, 0L);
        using var done = new ManualResetEventSlim();
        var sampler = new Thread(() =>
        {
            do
                peak = Math.Max(peak, Environment.WorkingSet);
            while (!done.Wait(SamplingInterval));
        });
        sampler.Start();
        try
        {
            work();
        }
        finally
        {
            done.Set();
            sampler.Join();
        }
        return Math.Max(0, Math.Max(peak, Environment.WorkingSet) - start);
    }
}
