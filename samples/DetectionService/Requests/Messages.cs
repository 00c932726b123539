namespace DetectionService.Requests;

/// <summary>The service's log.</summary>
internal static partial class Messages
{
    [LoggerMessage(LogLevel.Error, "A batch of {Images} images could not be scored.")]
    public static partial void ScoringFailed(this ILogger log, Exception error, int images);

    [LoggerMessage(LogLevel.Error, "A request failed.")]
    public static partial void RequestFailed(this ILogger log, Exception error);
}
