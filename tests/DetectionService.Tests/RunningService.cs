using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using DetectionService.Scoring;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DetectionService.Tests;

/// <summary>The service on a free port of this machine, and a client of it.</summary>
internal sealed class RunningService : IAsyncDisposable
{
    private readonly IScorer _scorer;
    private readonly ErrorLog _log = new();

    private RunningService(WebApplication app, IScorer scorer)
    {
        (App, _scorer, Address, Client) = (app, scorer, new(app.Urls.Single()), new() { BaseAddress = new(app.Urls.Single()) });
        app.Services.GetRequiredService<ILoggerFactory>().AddProvider(_log);
    }

    public WebApplication App { get; }

    public Uri Address { get; }

    public HttpClient Client { get; }

    /// <summary>The number of errors that the service logs; any other fails the test at its end.</summary>
    public int ExpectedErrors { get; set; }

    public static async Task<RunningService> Start(IScorer scorer, ServiceOptions? options = null)
    {
        var app = Service.Create((options ?? new()) with { Listen = new(IPAddress.Loopback, 0) }, scorer);
        await app.StartAsync();
        return new(app, scorer);
    }

    public static Task<RunningService> Start(string model, ServiceOptions? options = null) => Start(Scorer.Load(model, options ?? new()), options);

    public Task<HttpResponseMessage> Post(byte[] image, string query = "", string? type = "image/jpeg", CancellationToken cancellationToken = default)
        => Client.PostAsync($"/detect{query}", Content(image, type), cancellationToken);

    /// <summary>The answer to an image, which must be one.</summary>
    public async Task<JsonElement> Detect(byte[] image, string query = "")
    {
        using var response = await Post(image, query);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonElement.Parse(text);
    }

    /// <summary>Waits for as many requests as this to be in the service.</summary>
    public async Task WaitForRequests(int count) => await Wait(async () => (await Client.GetStringAsync("/metrics")).Contains($"\ndetection_requests {count}\n"));

    public static async Task Wait(Func<Task<bool>> condition)
    {
        for (var left = 1500; !await condition(); left--)
        {
            Assert.True(left > 0, "It did not happen within 30 s.");
            await Task.Delay(20);
        }
    }

    public static ByteArrayContent Content(byte[] image, string? type = "image/jpeg")
    {
        var content = new ByteArrayContent(image);
        if (type is not null)
            content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return content;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await App.StopAsync();
        await App.DisposeAsync();
        _scorer.Dispose();
        Assert.True(_log.Errors.Count == ExpectedErrors, string.Join("\n", _log.Errors));
    }
}
