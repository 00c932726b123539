using System.Net;
using System.Text.Json;

namespace DetectionService.Tests;

/// <summary>Key, health, metrics, the OpenAPI document and options.</summary>
public sealed class OperationTests
{
    private static readonly byte[] Image = Convert.FromBase64String(Pss.Engine.Tests.Data.Images.ImageFiles.BaselineJpeg);

    [Fact]
    public async Task With_a_key_only_the_page_and_the_probes_are_open()
    {
        await using var service = await RunningService.Start(new FakeScorer(), new() { ApiKey = "right" });
        foreach (var path in (string[])["/", "/page.css", "/page.js", "/health", "/ready"])
            Assert.Equal(HttpStatusCode.OK, (await service.Client.GetAsync(path)).StatusCode);
        foreach (var path in (string[])["/model", "/metrics", "/openapi/v1.json", "/nothing"])
            await Problem.Check(await service.Client.GetAsync(path), HttpStatusCode.Unauthorized, "X-Api-Key");
        await Problem.Check(await service.Post(Image), HttpStatusCode.Unauthorized, "needs a key");
        (string Header, string Value)[] wrong = [("X-Api-Key", "wrong"), ("X-Api-Key", "Right"), ("Authorization", "Bearer wrong"), ("Authorization", "Basic right")];
        foreach (var (header, value) in wrong)
            Assert.Equal(HttpStatusCode.Unauthorized, await Status(header, value));
        Assert.Equal(HttpStatusCode.OK, await Status("X-Api-Key", "right"));
        Assert.Equal(HttpStatusCode.OK, await Status("Authorization", "Bearer right"));

        async Task<HttpStatusCode> Status(string header, string value)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/detect") { Content = RunningService.Content(Image) };
            request.Headers.TryAddWithoutValidation(header, value);
            return (await service.Client.SendAsync(request)).StatusCode;
        }
    }

    [Fact]
    public void Without_a_key_only_this_machine_is_served_and_options_out_of_range_are_named()
    {
        var open = new ServiceOptions { Listen = new(IPAddress.Any, 5080) };
        Assert.Contains("0.0.0.0:5080", Assert.Throws<ArgumentException>(open.Validate).Message);
        (open with { ApiKey = "key" }).Validate();
        new ServiceOptions { Listen = new(IPAddress.IPv6Loopback, 5080) }.Validate();
        (ServiceOptions Options, string Name)[] wrong =
        [
            (new() { MaxBytes = 0 }, "--max-bytes"), (new() { MaxPixels = 0 }, "--max-pixels"), (new() { MaxRequests = 0 }, "--max-requests"),
            (new() { MaxRequestBytes = 5 }, "--max-request-bytes"), (new() { BatchSize = 0 }, "--batch"), (new() { BatchDelay = TimeSpan.FromSeconds(-1) }, "--delay"),
            (new() { Timeout = TimeSpan.Zero }, "--timeout"), (new() { ApiKey = " " }, "API key"),
        ];
        foreach (var (options, name) in wrong)
            Assert.Contains(name, Assert.Throws<ArgumentException>(options.Validate).Message);
    }

    [Fact]
    public async Task Metrics_count_requests_batches_and_times_in_the_text_of_Prometheus()
    {
        await using var service = await RunningService.Start(new FakeScorer());
        for (var i = 0; i < 3; i++)
            await service.Detect(Image);
        using var response = await service.Client.GetAsync("/metrics");
        Assert.Equal("text/plain", response.Content.Headers.ContentType?.MediaType);
        var lines = (await response.Content.ReadAsStringAsync()).Split('\n');
        Assert.Contains("# TYPE detection_batch_images histogram", lines);
        Assert.Contains("detection_batch_images_bucket{le=\"1\"} 3", lines);
        Assert.Contains("detection_batch_images_count 3", lines);
        Assert.Contains("detection_waiting_duration_seconds_count 3", lines);
        Assert.Contains("detection_requests 0", lines);
        var requests = Assert.Single(lines, line => line.StartsWith("http_server_request_duration_seconds_count{", StringComparison.Ordinal) && line.Contains("/detect"));
        Assert.EndsWith("} 3", requests);
        var types = lines.Where(line => line.StartsWith("# TYPE", StringComparison.Ordinal)).ToArray();
        Assert.Equal(types.Distinct(), types);
    }

    [Fact]
    public async Task The_OpenAPI_document_tells_paths_bodies_and_problems()
    {
        await using var service = await RunningService.Start(new FakeScorer());
        var document = JsonElement.Parse(await service.Client.GetStringAsync("/openapi/v1.json"));
        var paths = document.GetProperty("paths");
        Assert.Equal(["/detect", "/health", "/metrics", "/model", "/ready"], paths.EnumerateObject().Select(path => path.Name).Order(StringComparer.Ordinal));
        var detect = paths.GetProperty("/detect").GetProperty("post");
        Assert.Equal(["threshold", "maximum"], detect.GetProperty("parameters").EnumerateArray().Select(parameter => parameter.GetProperty("name").GetString()));
        var content = detect.GetProperty("requestBody").GetProperty("content").EnumerateObject();
        Assert.Equal(["image/*", "application/octet-stream", "multipart/form-data"], content.Select(type => type.Name));
        Assert.Equal(["200", "400", "401", "408", "413", "415", "503", "504"], detect.GetProperty("responses").EnumerateObject().Select(response => response.Name));
    }
}
