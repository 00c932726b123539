using System.Collections.Concurrent;
using DetectionService.Scoring;

namespace DetectionService.Tests;

/// <summary>A model that finds one object of class "thing" in every image, when it is let.</summary>
internal sealed class FakeScorer : IScorer
{
    private readonly ManualResetEventSlim _open = new(true);

    public string Name => "fake";

    public IReadOnlyList<string> Classes => ["thing"];

    public int BatchSize { get; init; } = 4;

    public int Parallelism { get; init; } = 1;

    /// <summary>Number of images of each batch.</summary>
    public ConcurrentQueue<int> Batches { get; } = [];

    /// <summary>Thrown in place of the next result.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Lets no batch end until it is opened.</summary>
    public void Close() => _open.Reset();

    public void Open() => _open.Set();

    public IReadOnlyList<ScoredImage> Score(IReadOnlyList<byte[]> images)
    {
        Batches.Enqueue(images.Count);
        _open.Wait();
        if (Failure is { } failure)
        {
            Failure = null;
            throw failure;
        }
        return [.. images.Select(_ => new ScoredImage([new("thing", 0.9f, new(1, 2, 3, 4)), new("thing", 0.2f, new(0, 0, 5, 6))]))];
    }

    public void Dispose() => _open.Dispose();
}
