using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using DetectionService.Metrics;
using DetectionService.Scoring;

namespace DetectionService.Requests;

/// <summary>Gathers waiting images into batches and scores them, on threads of its own: the thread pool stays free to answer.</summary>
internal sealed class ScoringQueue : IHostedService, IDisposable
{
    private readonly IScorer _scorer;
    private readonly ServiceOptions _options;
    private readonly ServiceMetrics _metrics;
    private readonly ILogger<ScoringQueue> _log;
    private readonly BlockingCollection<WaitingImage> _waiting;
    private readonly Lock _gathering = new();
    private readonly int _batchSize;
    private Thread[] _threads = [];
    private WaitingImage? _next;

    public ScoringQueue(IScorer scorer, ServiceOptions options, ServiceMetrics metrics, ILogger<ScoringQueue> log)
    {
        (_scorer, _options, _metrics, _log) = (scorer, options, metrics, log);
        _batchSize = Math.Min(scorer.BatchSize, options.BatchSize);
        // Images that were given up stay until a thread passes them: four of them for each place.
        _waiting = new(4 * options.MaxRequests);
    }

    /// <summary>Time to score so many images, estimated from the last ones.</summary>
    public TimeSpan TimeFor(int images) => images * _metrics.TimePerImage / _scorer.Parallelism;

    /// <summary>Adds an image; false if the queue is full or the service stops.</summary>
    public bool TryAdd(WaitingImage image)
    {
        try
        {
            return _waiting.TryAdd(image);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _threads = [.. Enumerable.Range(0, _scorer.Parallelism).Select(_ => new Thread(Work) { IsBackground = true, Name = "scoring" })];
        foreach (var thread in _threads)
            thread.Start();
        return Task.CompletedTask;
    }

    /// <summary>Scores what waits, then ends.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        _waiting.CompleteAdding();
        return Task.Run(() => Array.ForEach(_threads, thread => thread.Join()), CancellationToken.None).WaitAsync(cancellationToken);
    }

    public void Dispose() => _waiting.Dispose();

    private void Work()
    {
        while (Gather() is { Count: > 0 } batch)
            Score(batch);
    }

    /// <summary>The images of the next batch; none if the service stops. One thread at a time gathers, or else they would share a batch's images.</summary>
    private List<(WaitingImage Image, byte[] Bytes)> Gather()
    {
        lock (_gathering)
        {
            var batch = new List<(WaitingImage Image, byte[] Bytes)>();
            var pixels = 0L;
            while (batch.Count < _batchSize && TryNext(batch.Count == 0 ? Timeout.InfiniteTimeSpan : _options.BatchDelay - batch[0].Image.Age, out var image))
            {
                pixels += image.Pixels;
                if (batch.Count > 0 && pixels > _options.MaxPixels)
                {
                    _next = image;
                    break;
                }
                if (image.Take() is { } bytes)
                    batch.Add((image, bytes));
            }
            return batch;
        }
    }

    private bool TryNext(TimeSpan delay, [NotNullWhen(true)] out WaitingImage? image)
    {
        (image, _next) = (_next, null);
        return image is not null || _waiting.TryTake(out image, delay < TimeSpan.Zero && delay != Timeout.InfiniteTimeSpan ? TimeSpan.Zero : delay);
    }

    private void Score(List<(WaitingImage Image, byte[] Bytes)> batch)
    {
        foreach (var (image, _) in batch)
            _metrics.Waited(image.Age);
        var start = Stopwatch.GetTimestamp();
        try
        {
            var scored = _scorer.Score([.. batch.Select(item => item.Bytes)]);
            _metrics.Scored(batch.Count, Stopwatch.GetElapsedTime(start));
            for (var i = 0; i < batch.Count; i++)
                batch[i].Image.Complete(scored[i]);
        }
        catch (Exception error)
        {
            _log.ScoringFailed(error, batch.Count);
            foreach (var (image, _) in batch)
                image.Fail(error);
        }
    }
}
