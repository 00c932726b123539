using System.Diagnostics;

namespace Pss.Engine.Training;

/// <summary>Images a second over the recent past.</summary>
internal sealed class ThroughputMeter
{
    private const double Memory = 0.9;
    private long _last = Stopwatch.GetTimestamp();

    public double ImagesPerSecond { get; private set; }

    public void Count(int images)
    {
        var now = Stopwatch.GetTimestamp();
        var current = images / Math.Max(1e-9, Stopwatch.GetElapsedTime(_last, now).TotalSeconds);
        ImagesPerSecond = ImagesPerSecond == 0 ? current : Memory * ImagesPerSecond + (1 - Memory) * current;
        _last = now;
    }

    /// <summary>Expects that from now on an image takes so many times as long, until the rate tells.</summary>
    public void Slow(double factor) => ImagesPerSecond /= factor;

    /// <summary>Leaves what happened since the last count out of the rate.</summary>
    public void Continue() => _last = Stopwatch.GetTimestamp();
}
