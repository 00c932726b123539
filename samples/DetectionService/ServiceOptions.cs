using System.Net;

namespace DetectionService;

/// <summary>Limits and addresses of the service.</summary>
internal sealed record ServiceOptions
{
    /// <summary>Where the service listens. Another address than the machine's own (loopback) needs an <see cref="ApiKey"/>.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 5080);

    /// <summary>The key that requests must send; null accepts all.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Largest image file in bytes.</summary>
    public int MaxBytes { get; init; } = 16 << 20;

    /// <summary>Most pixels of an image, and of the images of a batch together.</summary>
    public int MaxPixels { get; init; } = 32_000_000;

    /// <summary>Most requests that are read, wait or are scored; further ones are refused.</summary>
    public int MaxRequests { get; init; } = 128;

    /// <summary>Most bytes of these requests together.</summary>
    public long MaxRequestBytes { get; init; } = 256 << 20;

    /// <summary>Most images of a batch. A saved ML.NET model takes one at a time.</summary>
    public int BatchSize { get; init; } = 8;

    /// <summary>How long an image waits at most for others to make a batch.</summary>
    public TimeSpan BatchDelay { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>Time from the beginning of a request to its detections.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>"cpu", "cuda" or "cuda:N"; null takes the default of the detector.</summary>
    public string? Device { get; init; }

    /// <summary>A number of seconds of the command line.</summary>
    /// <exception cref="ArgumentException">It is out of the range of any time here.</exception>
    public static TimeSpan Seconds(string name, double seconds)
    {
        Within(name, seconds, 0, 86_400);
        return TimeSpan.FromSeconds(seconds);
    }

    /// <summary>Checks every property.</summary>
    /// <exception cref="ArgumentException">A property is out of range; the message says which and what to do.</exception>
    public void Validate()
    {
        Within("--max-bytes", MaxBytes, 1, 1 << 30);
        Within("--max-pixels", MaxPixels, 1, Pss.Engine.Data.Images.RgbImage.MaxPixels);
        Within("--max-requests", MaxRequests, 1, 100_000);
        Within("--max-request-bytes", MaxRequestBytes, MaxBytes, 1L << 40);
        Within("--batch", BatchSize, 1, 1024);
        Within("--delay", BatchDelay.TotalMilliseconds, 0, 10_000);
        Within("--timeout", Timeout.TotalSeconds, 0.001, 86_400);
        if (ApiKey is { } key && string.IsNullOrWhiteSpace(key))
            throw new ArgumentException("The API key is empty: write it to the file of --api-key-file, or to the variable DETECTION_API_KEY.");
        if (ApiKey is null && !IPAddress.IsLoopback(Listen.Address))
        {
            throw new ArgumentException($"{Listen} can be reached from other machines, which needs a key: "
                + "give one by --api-key-file or the variable DETECTION_API_KEY, or listen on 127.0.0.1.");
        }
    }

    private static void Within(string name, double value, double least, double most)
    {
        if (!(value >= least && value <= most))
            throw new ArgumentException(FormattableString.Invariant($"{name} is {value}; the range is {least} to {most}."));
    }
}
