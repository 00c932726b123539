using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.ML;
using Pss.Engine.Backbones;
using Pss.Engine.Data.Images;
using Pss.Engine.Detectors;
using Pss.MLNet;

namespace Pss.Benchmarks;

/// <summary>
/// The service sample with a saved model under load: many clients of which every 20th request is broken or hostile, against scoring the same files with
/// Transform, taking turns; then five times the requests that it can serve. `service [REQUESTS] [CLIENTS] [ROUNDS]`.
/// </summary>
internal static class ServiceBenchmark
{
    private const int HostileEvery = 20;
    private const int Overload = 5;
    private static readonly TimeSpan OverloadTime = TimeSpan.FromSeconds(15);

    public static void Run(string[] arguments)
        => Run(Setup.Number(arguments, 0, 10_000), Setup.Number(arguments, 1, 64), Setup.Number(arguments, 2, 20)).GetAwaiter().GetResult();

    private static async Task Run(int requests, int clients, int rounds)
    {
        using var pictures = new Pictures(null);
        var folder = Directory.CreateTempSubdirectory("pss-service-benchmark-");
        try
        {
            var model = Path.Combine(folder.FullName, "model.zip");
            Save(model, pictures.Paths(1));
            using var service = new ServiceProcess(model);
            using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = int.MaxValue }) { Timeout = TimeSpan.FromMinutes(2) };
            var load = new Load(service, client, [.. pictures.Paths(100).Select(File.ReadAllBytes)]);
            Print($"load average {MachineLoad.Average()}; {requests} requests of {clients} clients in {rounds} rounds; one of {HostileEvery} hostile:");
            Print($"  {string.Join(", ", load.Hostile.Names)}");
            await load.Closed(requests / 10, clients);
            var scorer = new BatchScoring(model, pictures.Paths(Math.Max(100, requests / rounds / 2)));
            scorer.ImagesPerSecond();
            load.Clear();
            var capacity = await Compare(service, load, scorer, requests / rounds, clients, rounds);
            PrintLoad("load", load);
            await Overloaded(service, client, load, capacity);
            var log = await service.End();
            Print($"the service logged {log.Split("fail: ").Length - 1} errors{(log.Length > 0 ? $": {log[..Math.Min(1000, log.Length)]}" : "")}");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<double> Compare(ServiceProcess service, Load load, BatchScoring scorer, int requests, int clients, int rounds)
    {
        var (before, rates, ratios, processor) = (service.ResidentMegabytes, new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < rounds; round++)
        {
            var batchStart = Environment.CpuUsage.TotalTime;
            var batch = scorer.ImagesPerSecond();
            var batchTime = (Environment.CpuUsage.TotalTime - batchStart) / scorer.Count;
            var (start, serviceStart, images) = (Stopwatch.GetTimestamp(), service.ProcessorTime, requests - requests / HostileEvery);
            await load.Closed(requests, clients);
            rates.Add(images / Stopwatch.GetElapsedTime(start).TotalSeconds);
            ratios.Add(rates[^1] / batch);
            processor.Add((service.ProcessorTime - serviceStart) / images / batchTime);
            Print($"round {round + 1}: batch scoring {batch:f1} images/s, service {rates[^1]:f1} images/s, ratio {ratios[^1]:f3}; load average {MachineLoad.Average()}");
            Print($"  the service's memory {before:f0} MB before, {service.ResidentMegabytes:f0} MB now");
        }
        Print($"medians of {rounds} pairs: ratio {SideBySide.Median(ratios):f3}, of the processor time per image {SideBySide.Median(processor):f3}");
        return SideBySide.Median(rates);
    }

    private static async Task Overloaded(ServiceProcess service, HttpClient client, Load load, double capacity)
    {
        load.Clear();
        using var end = new CancellationTokenSource(OverloadTime);
        var most = 0.0;
        var watch = Task.Run(async () =>
        {
            for (; !end.IsCancellationRequested; await Task.Delay(200))
                most = Math.Max(most, await service.Metric(client, "detection_requests"));
        });
        var (sent, last) = (0, Task.CompletedTask);
        var start = Stopwatch.GetTimestamp();
        var pending = new List<Task>();
        while (!end.IsCancellationRequested)
        {
            for (var due = Stopwatch.GetElapsedTime(start).TotalSeconds * Overload * capacity; sent < due; sent++)
                pending.Add(load.One(sent));
            await Task.Delay(5);
        }
        var over = Stopwatch.GetTimestamp();
        Print($"overload: {sent} requests in {OverloadTime.TotalSeconds} s, {sent / OverloadTime.TotalSeconds / capacity:f1} times the capacity");
        Print($"  at most {most} in the service, whose memory is {service.ResidentMegabytes:f0} MB");
        var (tries, first) = (0, HttpStatusCode.ServiceUnavailable);
        for (; first == HttpStatusCode.ServiceUnavailable; tries++)
            first = await load.Send(tries);
        Print($"recovery: try {tries} after it is taken, behind those that wait, and answered {(int)first} after {Stopwatch.GetElapsedTime(over).TotalSeconds:f2} s");
        await Task.WhenAll(pending);
        await watch;
        PrintLoad("overload", load);
        load.Clear();
        for (var i = 0; i < 50; i++)
            await load.One(i);
        PrintLoad("one client afterwards", load);
    }

    private static void PrintLoad(string what, Load load)
    {
        foreach (var answers in load.Times.GroupBy(item => item.Status).OrderBy(group => group.Key))
        {
            var times = answers.Select(item => item.Milliseconds).Order().ToArray();
            var (median, late) = (times[times.Length / 2], times[99 * times.Length / 100]);
            Print($"{what}: {times.Length} answers {(int)answers.Key}, p50 {median:f0} ms, p99 {late:f0} ms, longest {times[^1]:f0} ms");
        }
        Print($"{what}: {load.Failures.Count} failures other than the documented{string.Concat(load.Failures.Distinct().Take(10).Select(failure => $"\n  {failure}"))}");
    }

    private static void Save(string path, string[] files)
    {
        var small = DetectorOptions.FcosPss(3) with
        {
            Backbone = ResNetOptions.ResNet18.FromScratch() with { Width = 16 },
            Pyramid = new() { Channels = 32 },
            Head = new() { Convolutions = 1, Groups = 8 },
            Selector = new() { Groups = 8 },
        };
        var mlContext = new MLContext(1);
        var view = mlContext.Data.LoadFromEnumerable(files.Select(file => new BatchScoring.Picture { ImagePath = file }));
        var untrained = Setup.Untrained(small, Resize.Letterbox(320, 256));
        using var model = mlContext.Transforms.LoadPssDetector(untrained, new() { ImageColumnName = "ImagePath", ScoreThreshold = 0 }).Fit(view);
        mlContext.Model.Save(model, view.Schema, path);
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    /// <summary>Sends requests, and keeps times and failures.</summary>
    private sealed class Load(ServiceProcess service, HttpClient client, byte[][] images)
    {
        private readonly Uri _address = new(service.Address, "detect?threshold=0");

        public HostileRequests Hostile { get; } = new(images[0]);

        public ConcurrentQueue<(HttpStatusCode Status, double Milliseconds)> Times { get; } = [];

        public ConcurrentQueue<string> Failures { get; } = [];

        public void Clear()
        {
            Times.Clear();
            Failures.Clear();
        }

        /// <summary>As many requests, each client sending one after the other.</summary>
        public async Task Closed(int requests, int clients)
        {
            var next = -1;
            await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(async () =>
            {
                for (int i; (i = Interlocked.Increment(ref next)) < requests;)
                {
                    if (i % HostileEvery == 0)
                        Note(await Hostile.Send(client, _address, i / HostileEvery));
                    else if (await One(i) is not HttpStatusCode.OK and var status)
                        Note($"image: {(int)status}");
                }
            })));
        }

        /// <summary>One image, timed; 0 for a connection that failed.</summary>
        public async Task<HttpStatusCode> One(int index)
        {
            var start = Stopwatch.GetTimestamp();
            try
            {
                var status = await Send(index);
                Times.Enqueue((status, Stopwatch.GetElapsedTime(start).TotalMilliseconds));
                return status;
            }
            catch (HttpRequestException error)
            {
                Note(error.Message);
                return 0;
            }
        }

        public async Task<HttpStatusCode> Send(int index)
        {
            using var content = new ByteArrayContent(images[index % images.Length]);
            content.Headers.ContentType = new("image/jpeg");
            using var response = await client.PostAsync(_address, content);
            return response.StatusCode;
        }

        private void Note(string? failure)
        {
            if (failure is not null)
                Failures.Enqueue(failure);
        }
    }

    /// <summary>The same files by Transform.</summary>
    private sealed class BatchScoring
    {
        private readonly MLContext _context = new();
        private readonly IDataView _scored;

        public BatchScoring(string model, string[] files)
        {
            Count = files.Length;
            _scored = _context.Model.Load(model, out _).Transform(_context.Data.LoadFromEnumerable(files.Select(file => new Picture { ImagePath = file })));
        }

        /// <summary>Number of images.</summary>
        public int Count { get; }

        public double ImagesPerSecond()
        {
            var start = Stopwatch.GetTimestamp();
            var count = _context.Data.CreateEnumerable<Found>(_scored, reuseRowObject: true).Count();
            return count == Count ? count / Stopwatch.GetElapsedTime(start).TotalSeconds : throw new InvalidOperationException("Rows are missing.");
        }

        public sealed class Picture
        {
            public string ImagePath { get; set; } = "";
        }

        private sealed class Found
        {
            public uint[] PredictedLabel { get; set; } = [];

            public float[] PredictedBoundingBoxes { get; set; } = [];

            public float[] Score { get; set; } = [];
        }
    }
}
