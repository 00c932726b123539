using System.Diagnostics.Metrics;
using DetectionService.Requests;

namespace DetectionService.Metrics;

/// <summary>The service's own instruments; ASP.NET Core has those of the requests.</summary>
internal sealed class ServiceMetrics
{
    public const string MeterName = "Pss.DetectionService";
    private static readonly InstrumentAdvice<double> Seconds = new() { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] };
    private static readonly InstrumentAdvice<int> Images = new() { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64] };
    private readonly Histogram<int> _batch;
    private readonly Histogram<double> _waiting, _scoring;
    private readonly Counter<long> _refused;
    private double _secondsPerImage;

    public ServiceMetrics(IMeterFactory meters, Admission admission)
    {
        var meter = meters.Create(MeterName);
        _batch = meter.CreateHistogram("detection.batch.images", null, "Images of a batch.", null, Images);
        _waiting = meter.CreateHistogram("detection.waiting.duration", "s", "Time that an image waits to be scored.", null, Seconds);
        _scoring = meter.CreateHistogram("detection.scoring.duration", "s", "Time to decode and score a batch.", null, Seconds);
        _refused = meter.CreateCounter<long>("detection.refused", null, "Requests that were refused because the service was full.");
        meter.CreateObservableGauge("detection.requests", () => admission.Requests, null, "Requests that are read, wait or are scored.");
    }

    /// <summary>Time to score an image, averaged over the last batches.</summary>
    public TimeSpan TimePerImage => TimeSpan.FromSeconds(Volatile.Read(ref _secondsPerImage));

    public void Waited(TimeSpan time) => _waiting.Record(time.TotalSeconds);

    public void Refused() => _refused.Add(1);

    public void Scored(int images, TimeSpan time)
    {
        const double weight = 0.1;
        _batch.Record(images);
        _scoring.Record(time.TotalSeconds);
        var (average, last) = (Volatile.Read(ref _secondsPerImage), time.TotalSeconds / images);
        // A batch that another thread counts at this moment may be lost: the average is an estimate.
        Volatile.Write(ref _secondsPerImage, average == 0 ? last : average + weight * (last - average));
    }
}
