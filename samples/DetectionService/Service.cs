using System.Text.Json;
using DetectionService.Metrics;
using DetectionService.Requests;
using DetectionService.Scoring;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Console;

namespace DetectionService;

/// <summary>Builds the web application.</summary>
internal static class Service
{
    private static readonly string[] Open = ["/", "/page.css", "/page.js", "/health", "/ready"];
    private static readonly int[] DetectProblems = [400, 401, 408, 413, 415, 503, 504];

    /// <summary>Builds the application.</summary>
    /// <param name="options">Limits and addresses.</param>
    /// <param name="scorer">The model; the caller disposes of it after the application.</param>
    public static WebApplication Create(ServiceOptions options, IScorer scorer)
    {
        options.Validate();
        // Empty: no settings from files, the environment or the command line can open another address.
        var builder = WebApplication.CreateEmptyBuilder(new() { ApplicationName = typeof(Service).Assembly.GetName().Name });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(server => Configure(server, options));
        builder.Logging.AddSimpleConsole(console => console.ColorBehavior = LoggerColorBehavior.Disabled).SetMinimumLevel(LogLevel.Warning)
            // What keeps the host from starting is thrown as well, and told in one line.
            .AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        builder.Services.AddRouting().AddMetrics().AddOpenApi(document => document.AddDocumentTransformer(DetectDocument.Name))
            .AddSingleton(options).AddSingleton(scorer).AddSingleton(new Admission(options.MaxRequests, options.MaxRequestBytes))
            .AddSingleton<ServiceMetrics>().AddSingleton<ScoringQueue>().AddSingleton<DetectHandler>().AddSingleton<PrometheusText>()
            .AddHostedService(services => services.GetRequiredService<PrometheusText>())
            .AddHostedService(services => services.GetRequiredService<ScoringQueue>())
            .ConfigureHttpJsonOptions(json => json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.CamelCase)
            // What was accepted is answered before the service ends.
            .Configure<HostOptions>(host => host.ShutdownTimeout = options.Timeout + TimeSpan.FromSeconds(5));
        var app = builder.Build();
        app.UseMiddleware<Problems>();
        if (options.ApiKey is { } secret)
            RequireKey(app, new(secret));
        app.UseRouting();
        Map(app, options, scorer);
        return app;
    }

    private static void Configure(KestrelServerOptions server, ServiceOptions options)
    {
        server.Listen(options.Listen);
        server.AddServerHeader = false;
        // Those that are refused need connections too.
        server.Limits.MaxConcurrentConnections = Math.Max(1024, 8L * options.MaxRequests);
        // The handler ends the reading; the server would end the connection, and the client might never see why.
        server.Limits.MaxRequestBodySize = null;
        server.Limits.MaxRequestHeadersTotalSize = 16 << 10;
        server.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
    }

    private static void RequireKey(WebApplication app, ApiKey key) => app.Use((context, next) =>
    {
        if (!Open.Contains(context.Request.Path.Value, StringComparer.OrdinalIgnoreCase))
            key.Require(context.Request);
        return next(context);
    });

    private static void Map(WebApplication app, ServiceOptions options, IScorer scorer)
    {
        var detect = app.MapPost("/detect", (HttpContext context, DetectHandler handler) => handler.Handle(context))
            .WithSummary("Finds the objects in an image.").AddOpenApiOperationTransformer(DetectDocument.Complete);
        foreach (var status in DetectProblems)
            detect.ProducesProblem(status);
        app.MapGet("/model", () => new ModelResponse(scorer.Name, scorer.Classes, options.MaxBytes, options.MaxPixels))
            .WithSummary("The model's name and classes, and the limits of images.");
        app.MapGet("/health", () => "live").WithSummary("Whether the service runs.");
        app.MapGet("/ready", IResult (IHostApplicationLifetime life) => life.ApplicationStopping.IsCancellationRequested
                ? throw new RequestProblem(StatusCodes.Status503ServiceUnavailable, $"The service stops.") : Results.Text("ready"))
            .WithSummary("Whether the service takes requests.").ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        app.MapGet("/metrics", (PrometheusText metrics) => Results.Text(metrics.Write(), PrometheusText.ContentType)).WithSummary("Measurements, for Prometheus.");
        app.MapOpenApi();
        app.MapGet("/", PageFile.Serve("index.html", "text/html; charset=utf-8"));
        app.MapGet("/page.css", PageFile.Serve("page.css", "text/css; charset=utf-8"));
        app.MapGet("/page.js", PageFile.Serve("page.js", "text/javascript; charset=utf-8"));
    }
}
