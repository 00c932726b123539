using System.Diagnostics;
using System.Net;

namespace DetectionService.Tests;

/// <summary>Batches, bounds, time-outs and the end, with a model that takes as long as the test wants.</summary>
public sealed class ScoringQueueTests
{
    private static readonly byte[] Image = Convert.FromBase64String(Pss.Engine.Tests.Data.Images.ImageFiles.BaselineJpeg);

    [Fact]
    public async Task Images_that_wait_are_scored_in_batches()
    {
        var scorer = new FakeScorer { BatchSize = 4 };
        await using var service = await RunningService.Start(scorer);
        scorer.Close();
        var first = service.Detect(Image);
        await service.WaitForRequests(1);
        await RunningService.Wait(() => Task.FromResult(scorer.Batches.Count == 1));
        var others = Enumerable.Range(0, 9).Select(_ => service.Detect(Image)).ToArray();
        await service.WaitForRequests(10);
        scorer.Open();
        await Task.WhenAll([first, .. others]);
        Assert.Equal([1, 4, 4, 1], scorer.Batches);
    }

    [Fact]
    public async Task An_image_waits_for_others_no_longer_than_the_delay()
    {
        var delay = TimeSpan.FromSeconds(2);
        var scorer = new FakeScorer { BatchSize = 2 };
        await using var service = await RunningService.Start(scorer, new() { BatchDelay = delay });
        await service.Detect(Image);
        var time = Stopwatch.StartNew();
        await service.Detect(Image);
        Assert.InRange(time.Elapsed, delay, 5 * delay);
        time.Restart();
        await Task.WhenAll(service.Detect(Image), service.Detect(Image));
        Assert.InRange(time.Elapsed, TimeSpan.Zero, delay / 2);
        Assert.Equal([1, 1, 2], scorer.Batches);
    }

    [Fact]
    public async Task The_images_of_a_batch_have_no_more_pixels_than_the_largest_image()
    {
        var scorer = new FakeScorer { BatchSize = 4 };
        await using var service = await RunningService.Start(scorer, new() { MaxPixels = 2 * 24 * 17 + 1, BatchDelay = TimeSpan.FromSeconds(1) });
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => service.Detect(Image)));
        Assert.Equal([2, 2], scorer.Batches);
    }

    [Fact]
    public async Task A_full_service_refuses_at_once_and_takes_requests_again_when_it_is_not()
    {
        var scorer = new FakeScorer { BatchSize = 1 };
        await using var service = await RunningService.Start(scorer, new() { MaxRequests = 3 });
        scorer.Close();
        var accepted = Enumerable.Range(0, 3).Select(_ => service.Detect(Image)).ToArray();
        await service.WaitForRequests(3);
        var time = Stopwatch.StartNew();
        for (var i = 0; i < 20; i++)
        {
            var refused = await service.Post(Image);
            Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
            await Problem.Check(refused, HttpStatusCode.ServiceUnavailable, "Try again");
        }
        Assert.InRange(time.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        scorer.Open();
        await Task.WhenAll(accepted);
        await service.Detect(Image);
        Assert.Contains("detection_refused_total 20\n", await service.Client.GetStringAsync("/metrics"));
    }

    [Fact]
    public async Task The_bytes_of_all_requests_are_bounded()
    {
        var scorer = new FakeScorer { BatchSize = 1 };
        await using var service = await RunningService.Start(scorer, new() { MaxBytes = 5000, MaxRequestBytes = 5000 });
        byte[] large = [.. Image, .. new byte[4000 - Image.Length]];
        scorer.Close();
        var accepted = service.Detect(large);
        await service.WaitForRequests(1);
        await Problem.Check(await service.Post(large), HttpStatusCode.ServiceUnavailable, "Try again");
        scorer.Open();
        await accepted;
        await service.Detect(large);
    }

    [Fact]
    public async Task What_takes_too_long_is_given_up_and_not_scored_later()
    {
        var scorer = new FakeScorer { BatchSize = 1 };
        await using var service = await RunningService.Start(scorer, new() { Timeout = TimeSpan.FromSeconds(1), MaxRequests = 2 });
        scorer.Close();
        var late = await Task.WhenAll(service.Post(Image), service.Post(Image));
        foreach (var response in late)
            await Problem.Check(response, HttpStatusCode.GatewayTimeout, "within 1 s");
        await service.WaitForRequests(0);
        scorer.Open();
        await service.Detect(Image);
        // The one that ran when its time was over, and the last.
        Assert.Equal([1, 1], scorer.Batches);
    }

    [Fact]
    public async Task A_client_that_goes_away_is_not_scored()
    {
        var scorer = new FakeScorer { BatchSize = 1 };
        await using var service = await RunningService.Start(scorer);
        scorer.Close();
        var first = service.Detect(Image);
        await RunningService.Wait(() => Task.FromResult(scorer.Batches.Count == 1));
        using var leave = new CancellationTokenSource();
        var gone = service.Post(Image, cancellationToken: leave.Token);
        await service.WaitForRequests(2);
        leave.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        await service.WaitForRequests(1);
        scorer.Open();
        await first;
        await service.Detect(Image);
        Assert.Equal([1, 1], scorer.Batches);
    }

    [Fact]
    public async Task A_batch_that_fails_is_told_and_the_next_is_served()
    {
        var scorer = new FakeScorer { Failure = new InvalidOperationException("a secret of the service") };
        await using var service = await RunningService.Start(scorer);
        // That of the batch and that of its request.
        service.ExpectedErrors = 2;
        using var failed = await service.Post(Image);
        Assert.DoesNotContain("secret", await failed.Content.ReadAsStringAsync());
        await Problem.Check(failed, HttpStatusCode.InternalServerError, "its log tells why");
        await service.Detect(Image);
    }

    [Fact]
    public async Task The_end_waits_for_what_was_accepted_and_takes_no_more()
    {
        var scorer = new FakeScorer { BatchSize = 1 };
        var service = await RunningService.Start(scorer);
        scorer.Close();
        var accepted = Enumerable.Range(0, 3).Select(_ => service.Detect(Image)).ToArray();
        await service.WaitForRequests(3);
        var end = service.App.StopAsync();
        using var late = new HttpClient { BaseAddress = service.Address };
        await RunningService.Wait(async () =>
        {
            try
            {
                return (await late.GetAsync("/ready")).StatusCode == HttpStatusCode.ServiceUnavailable;
            }
            catch (HttpRequestException)
            {
                return true;
            }
        });
        Assert.False(end.IsCompleted);
        scorer.Open();
        foreach (var found in await Task.WhenAll(accepted))
            Assert.Equal("thing", found.GetProperty("detections")[0].GetProperty("class").GetString());
        await end;
        await service.DisposeAsync();
    }
}
