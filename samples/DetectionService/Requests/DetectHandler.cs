using System.Globalization;
using System.Numerics;
using DetectionService.Metrics;
using DetectionService.Scoring;

namespace DetectionService.Requests;

/// <summary>POST /detect: reads an image, has it scored, and answers with its objects.</summary>
internal sealed class DetectHandler(ScoringQueue queue, Admission admission, ServiceOptions options, ServiceMetrics metrics)
{
    private const float DefaultThreshold = 0.3f;
    private const int DefaultMaximum = 100;
    private static readonly string[] Parameters = ["threshold", "maximum"];

    public async Task<DetectResponse> Handle(HttpContext context)
    {
        var query = context.Request.Query;
        if (query.Keys.Except(Parameters, StringComparer.OrdinalIgnoreCase).FirstOrDefault() is { } unknown)
            throw new RequestProblem(StatusCodes.Status400BadRequest, $"The query's {unknown} is unknown; it may have {string.Join(" and ", Parameters)}.");
        var threshold = Number(query, Parameters[0], DefaultThreshold, 0, 1);
        var maximum = Number(query, Parameters[1], DefaultMaximum, 1, DetectorScorer.MaxDetections);
        // Who is in holds memory, from the first byte to the result.
        using var place = admission.TryEnter(Math.Min(context.Request.ContentLength ?? options.MaxBytes, options.MaxBytes)) ?? throw Full();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        limit.CancelAfter(options.Timeout);
        var image = await Read(context, limit.Token);
        var scored = await Score(image, context, limit.Token);
        if (scored.Problem is { } problem)
            throw new RequestProblem(StatusCodes.Status400BadRequest, $"{problem}.");
        return new(image.Width, image.Height, [.. scored.Objects.Where(item => item.Score >= threshold).Take(maximum)]);
    }

    private async Task<UploadedImage> Read(HttpContext context, CancellationToken cancellationToken)
    {
        try
        {
            return UploadedImage.Read(await ImageBody.Read(context.Request, options.MaxBytes, cancellationToken), options.MaxPixels);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            throw new RequestProblem(StatusCodes.Status408RequestTimeout, $"The image did not arrive within {options.Timeout.TotalSeconds} s.");
        }
    }

    private async Task<ScoredImage> Score(UploadedImage image, HttpContext context, CancellationToken cancellationToken)
    {
        var waiting = new WaitingImage(image);
        if (!queue.TryAdd(waiting))
            throw Full();
        try
        {
            return await waiting.Scored.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            throw new RequestProblem(StatusCodes.Status504GatewayTimeout, $"The image was not scored within {options.Timeout.TotalSeconds} s. Try again later.");
        }
        finally
        {
            waiting.Cancel();
        }
    }

    private RequestProblem Full()
    {
        metrics.Refused();
        var seconds = Math.Clamp(Math.Ceiling(queue.TimeFor(admission.Requests).TotalSeconds), 1, 60);
        return new(StatusCodes.Status503ServiceUnavailable, $"The service has as many images as it can take. Try again in {seconds} s.")
        {
            RetryAfter = TimeSpan.FromSeconds(seconds),
        };
    }

    private static T Number<T>(IQueryCollection query, string name, T otherwise, T least, T most)
        where T : INumber<T>
    {
        if (query[name].ToString() is not { Length: > 0 } text)
            return otherwise;
        if (query[name].Count > 1)
            throw new RequestProblem(StatusCodes.Status400BadRequest, $"The query's {name} is given more than once.");
        return T.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
            ? value : throw new RequestProblem(StatusCodes.Status400BadRequest, $"The query's {name} must be a number from {least} to {most}.");
    }
}
