using System.Diagnostics;
using DetectionService.Scoring;

namespace DetectionService.Requests;

/// <summary>An image that waits to be scored.</summary>
internal sealed class WaitingImage(UploadedImage image)
{
    private readonly TaskCompletionSource<ScoredImage> _scored = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _start = Stopwatch.GetTimestamp();
    private byte[]? _bytes = image.Bytes;

    public Task<ScoredImage> Scored => _scored.Task;

    public int Pixels { get; } = image.Pixels;

    public TimeSpan Age => Stopwatch.GetElapsedTime(_start);

    /// <summary>Takes the image out, to score it; null if nobody waits for it any more.</summary>
    public byte[]? Take() => Interlocked.Exchange(ref _bytes, null);

    /// <summary>Gives the image up: if it is still waiting it will not be scored, and its bytes are free.</summary>
    public void Cancel() => Take();

    public void Complete(ScoredImage result) => _scored.TrySetResult(result);

    public void Fail(Exception error) => _scored.TrySetException(error);
}
