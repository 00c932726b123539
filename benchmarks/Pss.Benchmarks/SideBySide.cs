using System.Diagnostics;

namespace Pss.Benchmarks;

/// <summary>Times our side and a peer in turn, A B A B ..., and prints both medians and the median of the ratios.</summary>
internal static class SideBySide
{
    public static double Compare(string what, Action ours, PythonPeer peer, int rounds, int warmUp = 2)
    {
        var own = new double[rounds];
        var other = new double[rounds];
        for (var round = -warmUp; round < rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            ours();
            var elapsed = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            var theirs = peer.Run();
            if (round < 0)
                continue;
            own[round] = elapsed;
            other[round] = theirs;
        }
        var ratio = Median(own.Zip(other, (a, b) => a / b));
        Console.WriteLine($"{what}: {Median(own):F2} ms, Python (torch {peer.Version}) {Median(other):F2} ms, ratio {ratio:F3} (median of {rounds} pairs)");
        return ratio;
    }

    /// <summary>The same for two jobs of this process, by the processor time that it takes: other processes hardly change that.</summary>
    /// <returns>The median of the ratios of the second to the first.</returns>
    public static double CompareProcessorTime(string first, Action one, string second, Action other, int rounds, int warmUp = 2)
    {
        var times = (One: new double[rounds], Other: new double[rounds]);
        for (var round = -warmUp; round < rounds; round++)
        {
            var (a, b) = (ProcessorTime(one), ProcessorTime(other));
            if (round >= 0)
                (times.One[round], times.Other[round]) = (a, b);
        }
        var ratio = Median(times.Other.Zip(times.One, (b, a) => b / a));
        Console.WriteLine(FormattableString.Invariant($"{first}: {Median(times.One):F2} ms, {second}: {Median(times.Other):F2} ms, ratio {ratio:F3} (processor time, median of {rounds} pairs, load {MachineLoad.Average()})"));
        return ratio;

        static double ProcessorTime(Action job)
        {
            var start = Environment.CpuUsage.TotalTime;
            job();
            return (Environment.CpuUsage.TotalTime - start).TotalMilliseconds;
        }
    }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
