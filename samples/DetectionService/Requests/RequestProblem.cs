namespace DetectionService.Requests;

/// <summary>A request that cannot be served, and why.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="detail">What is wrong and what to do, for the client.</param>
internal sealed class RequestProblem(int status, FormattableString detail) : Exception(FormattableString.Invariant(detail))
{
    public int Status => status;

    /// <summary>When to try again; null where trying again does not help.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
