using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Pss.Engine.Tests.Data.Images;

namespace DetectionService.Tests;

/// <summary>Requests that are broken, or meant to break the service: each ends in its documented answer, and the next one is served.</summary>
public sealed class HostileRequestTests(TinyModels models) : IClassFixture<TinyModels>
{
    private static readonly ServiceOptions Limits = new() { MaxBytes = 100_000, MaxPixels = 1_000_000, MaxRequestBytes = 1_000_000, Device = "cpu" };

    private static readonly byte[] HalfRequest
        = "POST /detect HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: 5000\r\n\r\nhalf"u8.ToArray();

    [Fact]
    public async Task Images_that_are_empty_damaged_or_none_are_told_apart()
    {
        foreach (var model in (string[])[models.Detector, models.OfFiles, models.OfImages])
        {
            await using var service = await RunningService.Start(model, Limits);
            var image = models.Jpeg(0);
            await Problem.Check(await service.Post([]), HttpStatusCode.BadRequest, "empty");
            await Problem.Check(await service.Post("hello, this is text"u8.ToArray()), HttpStatusCode.UnsupportedMediaType, "no image");
            await Problem.Check(await service.Post(image[..50]), HttpStatusCode.BadRequest, "cut short");
            await Problem.Check(await service.Post(image[..^200]), HttpStatusCode.BadRequest, "The image: the Jpeg image is cut short");
            await Problem.Check(await service.Post(image, type: "text/plain"), HttpStatusCode.UnsupportedMediaType, "content type");
            await service.Detect(image);
        }
    }

    [Fact]
    public async Task Bombs_are_refused_by_their_header()
    {
        await using var service = await RunningService.Start(models.OfFiles, Limits);
        var flat = ImageFiles.Png(4000, 4000, 1, 0, _ => new byte[500]);
        Assert.True(flat.Length < 20_000);
        await Problem.Check(await service.Post(flat), HttpStatusCode.RequestEntityTooLarge, "4000 x 4000 pixels, more than 1,000,000");
        var scan = (byte[])[0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 0];
        byte[] scans = [.. models.Jpeg(0)[..^2], .. Enumerable.Repeat(scan, 200).SelectMany(bytes => bytes), 0xFF, 0xD9];
        await Problem.Check(await service.Post(scans), HttpStatusCode.BadRequest, "more than 100 scans");
        await service.Detect(models.Jpeg(0));
    }

    [Fact]
    public async Task Images_of_extreme_shapes_are_served()
    {
        foreach (var model in (string[])[models.Detector, models.OfFiles, models.OfImages])
        {
            await using var service = await RunningService.Start(model, Limits);
            foreach (var (width, height) in ((int, int)[])[(1, 1), (30_000, 1), (1, 30_000), (33, 30_000)])
            {
                var found = await service.Detect(ImageFiles.Png(width, height, 8, 0, _ => new byte[width]), "?threshold=0");
                Assert.Equal((width, height), (found.GetProperty("width").GetInt32(), found.GetProperty("height").GetInt32()));
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Too_many_bytes_are_refused_also_if_their_number_is_not_stated(bool isStated)
    {
        await using var service = await RunningService.Start(models.OfFiles, Limits);
        foreach (var size in (int[])[100_001, 400_000])
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/detect") { Content = RunningService.Content(new byte[size]) };
            request.Headers.TransferEncodingChunked = !isStated;
            await Problem.Check(await service.Client.SendAsync(request), HttpStatusCode.RequestEntityTooLarge, "100,000 bytes");
        }
        using var form = new MultipartFormDataContent { { RunningService.Content(new byte[100_001]), "image", "large.jpg" } };
        await Problem.Check(await service.Client.PostAsync("/detect", form), HttpStatusCode.RequestEntityTooLarge, "100,000 bytes");
        await service.Detect([.. models.Jpeg(0), .. new byte[100_000 - models.Jpeg(0).Length]]);
    }

    [Fact]
    public async Task Broken_forms_and_queries_are_refused()
    {
        await using var service = await RunningService.Start(models.OfFiles, Limits);
        using var fields = new MultipartFormDataContent { { new StringContent("text"), "image" } };
        await Problem.Check(await service.Client.PostAsync("/detect", fields), HttpStatusCode.BadRequest, "no file");
        await Problem.Check(await service.Post("--x\r\nContent-Disp"u8.ToArray(), type: "multipart/form-data; boundary=x"), HttpStatusCode.BadRequest, "cut short");
        await Problem.Check(await service.Post([1], type: "multipart/form-data"), HttpStatusCode.BadRequest, "boundary");
        foreach (var query in (string[])["?threshold=2", "?threshold=-1", "?threshold=NaN", "?threshold=0,5", "?maximum=0", "?maximum=2.5", "?maximum=1001", "?thresold=0.1", "?threshold=0.1&threshold=0.2"])
            await Problem.Check(await service.Post(models.Jpeg(0), query), HttpStatusCode.BadRequest, $"query's {query[1..query.IndexOf('=')]}");
    }

    [Fact]
    public async Task There_are_no_other_paths_and_huge_headers_are_refused()
    {
        await using var service = await RunningService.Start(models.OfFiles, Limits);
        foreach (var path in (string[])["/detect/..%2f..%2fetc/passwd", "/page", "/Program.cs", "/%2e%2e/appsettings.json"])
            await Problem.Check(await service.Client.GetAsync(path), HttpStatusCode.NotFound, "openapi");
        await Problem.Check(await service.Client.GetAsync("/detect"), HttpStatusCode.MethodNotAllowed, "openapi");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/health");
        request.Headers.Add("X-Large", new string('x', 20_000));
        using var refused = await service.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, refused.StatusCode);
    }

    [Fact]
    public async Task A_damaged_image_does_not_disturb_the_others_of_its_batch()
    {
        await using var service = await RunningService.Start(models.Detector, Limits with { BatchSize = 4, BatchDelay = TimeSpan.FromSeconds(2) });
        var alone = await service.Detect(models.Jpeg(0), "?threshold=0");
        var damaged = service.Post(models.Jpeg(0)[..^200]);
        var good = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => service.Detect(models.Jpeg(0), "?threshold=0")));
        await Problem.Check(await damaged, HttpStatusCode.BadRequest, "cut short");
        Assert.All(good, found => Assert.Equal(BestScore(alone), BestScore(found), 1e-4f));
        Assert.Contains("detection_batch_images_sum 5\ndetection_batch_images_count 2\n", await service.Client.GetStringAsync("/metrics"));
    }

    [Fact]
    public async Task Fuzz_every_damaged_image_ends_in_a_documented_answer()
    {
        var random = new Random(7);
        var png = File.ReadAllBytes(models.Picture(0, "fuzz.png"));
        byte[][] whole = [models.Jpeg(0), png, ImageFiles.Bmp(ImageFiles.Waves(20, 10)), ImageFiles.Gif(40, 30, new byte[1200], new byte[12])];
        foreach (var model in (string[])[models.Detector, models.OfFiles])
        {
            await using var service = await RunningService.Start(model, Limits);
            for (var i = 0; i < 100; i++)
            {
                var image = (byte[])whole[i % whole.Length].Clone();
                for (var change = random.Next(1, 8); change > 0; change--)
                    image[random.Next(random.Next(1, image.Length))] = (byte)random.Next(256);
                using var response = await service.Post(image[..(random.Next(2) == 0 ? image.Length : random.Next(image.Length))]);
                Assert.Contains((int)response.StatusCode, (int[])[200, 400, 413, 415]);
            }
        }
    }

    [Fact]
    public async Task A_client_that_sends_too_slowly_is_told_so()
    {
        await using var service = await RunningService.Start(new FakeScorer(), Limits with { Timeout = TimeSpan.FromSeconds(0.3) });
        using var socket = new TcpClient(service.Address.Host, service.Address.Port);
        await socket.GetStream().WriteAsync(HalfRequest);
        Assert.Equal("HTTP/1.1 408 Request Timeout", await new StreamReader(socket.GetStream()).ReadLineAsync());
        await service.WaitForRequests(0);
    }

    [Fact]
    public async Task A_client_that_leaves_in_the_middle_frees_its_place()
    {
        await using var service = await RunningService.Start(new FakeScorer(), Limits with { MaxRequests = 1 });
        using (var socket = new TcpClient(service.Address.Host, service.Address.Port))
        {
            await socket.GetStream().WriteAsync(HalfRequest);
            await service.WaitForRequests(1);
            await Problem.Check(await service.Post(models.Jpeg(0)), HttpStatusCode.ServiceUnavailable, "Try again");
        }
        await service.WaitForRequests(0);
        await service.Detect(models.Jpeg(0));
    }

    [Fact]
    public async Task Clients_that_break_their_connection_are_no_errors_of_the_service()
    {
        await using var service = await RunningService.Start(new FakeScorer(), Limits);
        byte[] half = [.. "POST /detect HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: 90000\r\n\r\n"u8, .. new byte[45_000]];
        for (var i = 0; i < 40; i++)
        {
            // Reset, not closed.
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { LingerState = new(true, 0) };
            await socket.ConnectAsync(service.Address.Host, service.Address.Port);
            await socket.SendAsync(half);
            await Task.Delay(i % 4 * 5);
        }
        await service.WaitForRequests(0);
        await service.Detect(models.Jpeg(0));
    }

    private static float BestScore(JsonElement response) => response.GetProperty("detections")[0].GetProperty("score").GetSingle();
}
