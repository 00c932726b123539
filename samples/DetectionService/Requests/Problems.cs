using System.Globalization;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;

namespace DetectionService.Requests;

/// <summary>Answers with problem+json where a request cannot be served.</summary>
internal sealed class Problems(RequestDelegate next, ILogger<Problems> log)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            // No endpoint, or none of this method.
            if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentType: null })
                await Write(context, context.Response.StatusCode, "See /openapi/v1.json for what there is.");
        }
        catch (RequestProblem problem)
        {
            if (problem.RetryAfter is { } time)
                context.Response.Headers.RetryAfter = time.TotalSeconds.ToString("F0", CultureInfo.InvariantCulture);
            if (problem.Status == StatusCodes.Status401Unauthorized)
                context.Response.Headers.WWWAuthenticate = "Bearer";
            await Write(context, problem.Status, problem.Message);
        }
        catch (BadHttpRequestException error)
        {
            await Write(context, error.StatusCode, error.Message);
        }
        catch (Exception error) when (error is ConnectionResetException || context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to answer, and the server may not know it yet: it would try to read the rest of the body.
            context.Abort();
        }
        catch (Exception error)
        {
            log.RequestFailed(error);
            await Write(context, StatusCodes.Status500InternalServerError, "The service failed; its log tells why.");
        }
    }

    private static Task Write(HttpContext context, int status, string detail)
    {
        if (context.Response.HasStarted)
            return Task.CompletedTask;
        context.Response.StatusCode = status;
        var problem = new ProblemDetails { Status = status, Title = ReasonPhrases.GetReasonPhrase(status), Detail = detail };
        return context.Response.WriteAsJsonAsync(problem, options: null, contentType: "application/problem+json");
    }
}
