using System.Diagnostics;
using Pss.Engine.Assignment;
using Pss.Engine.Backbones;
using Pss.Engine.Boxes;
using Pss.Engine.Data.Images;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using Pss.Engine.Training;
using static TorchSharp.torch;

namespace Pss.Benchmarks;

/// <summary>How time and memory grow with objects, classes, images and their size: `growth [objects | classes | images | sizes]`, all of them without.</summary>
internal static class GrowthBenchmark
{
    private const int Rounds = 7;
    private static readonly (int Width, int Height) Large = (1344, 800);

    public static void Run(string[] arguments)
    {
        var what = arguments.Length > 0 ? arguments[0] : null;
        Console.WriteLine($"{get_num_threads()} threads; medians of {Rounds}, load {MachineLoad.Average()}");
        if (what is null or "objects")
            Objects();
        if (what is null or "classes")
            Classes();
        if (what is null or "images")
            Images();
        if (what is null or "sizes")
            Sizes();
    }

    /// <summary>Assignment and one-to-one matching of two images of 800 x 1344, 22,400 locations each.</summary>
    private static void Objects()
    {
        using var scope = NewDisposeScope();
        var grid = AnchorPoints.Create(LevelShape.Of(Large.Height, Large.Width), PointOffset.HalfStride, CPU);
        var locations = grid.Points.shape[0];
        var (logits, matching) = (randn(2, locations, 80), new MatchingOptions());
        var fcos = new FcosOptions { Classes = 80 };
        foreach (var count in (int[])[10, 30, 100, 300])
        {
            var random = new Random(count);
            float[] boxes = [.. Enumerable.Range(0, count).SelectMany(_ =>
            {
                var (x, y, width, height) = (random.NextSingle() * 1100, random.NextSingle() * 600, 8 + random.NextSingle() * 200, 8 + random.NextSingle() * 180);
                return new[] { x, y, x + width, y + height };
            })];
            int[] labels = [.. Enumerable.Range(0, count).Select(i => i % 80)];
            var objects = BatchTargets.Create([boxes, boxes], [labels, labels], 80, CPU);
            var predicted = cat([grid.Points - 20, grid.Points + 20], 1).unsqueeze(0).expand(2, -1, -1);
            Print($"{count} objects, FCOS: center sampling and matching", Measure(() =>
                OneToOneMatcher.MatchPositives(matching, logits, predicted, grid, objects, CenterSampling.Assign(grid, objects, fcos.CenterRadius, fcos.RangeBounds))));
            Print($"{count} objects, ATSS: adaptive selection and matching", Measure(() =>
                OneToOneMatcher.MatchPositives(matching, logits, predicted, grid, objects, AdaptiveSelection.Assign(grid, objects, 9, 8))));
        }
    }

    /// <summary>From the outputs of a network for an image of 800 x 1344 to detections, and the losses of two such images.</summary>
    private static void Classes()
    {
        foreach (var classes in (int[])[1, 20, 80, 365])
        {
            using var network = Setup.Small(classes).Build();
            using var scope = NewDisposeScope();
            network.eval();
            var outputs = network.call(rand(1, 3, Large.Height, Large.Width));
            var (endToEnd, oneToMany) = (new PostProcessor(network, new() { Mode = DetectionMode.EndToEnd }),
                // With starting weights every score is about 0.01: all candidates of a level reach NMS.
                new PostProcessor(network, new() { Mode = DetectionMode.OneToMany, CandidateThreshold = 0 }));
            var single = Measure(() => endToEnd.Process(outputs, [Large]));
            var many = Measure(() => oneToMany.Process(outputs, [Large]));
            Print($"{classes} classes, post-processing end to end", single);
            Print($"{classes} classes, post-processing with NMS", many);
            Console.WriteLine(FormattableString.Invariant($"{classes} classes, end to end / with NMS: {single.Time / many.Time:f3}"));

            network.train();
            var images = rand(2, 3, Large.Height, Large.Width);
            var objects = BatchTargets.Create([[10, 10, 200, 150, 300, 200, 700, 600], [50, 60, 90, 100]], [[0, 0], [0]], classes, CPU);
            HeadOutputs trained;
            using (no_grad())
                trained = network.call(images);
            Print($"{classes} classes, losses and their gradient to the outputs", Measure(() =>
            {
                var (logits, selector) = (trained.ClassLogits.detach().requires_grad_(true), trained.SelectorLogits!.detach().requires_grad_(true));
                network.Losses(trained with { ClassLogits = logits, SelectorLogits = selector }, objects).Total.backward();
            }));
        }
    }

    private static void Images()
    {
        using var detector = new Detector(Setup.Untrained(TrainingRecipe.FromScratch(classes: 3, images: 205).Detector, Resize.Letterbox(320, 256)));
        foreach (var count in (int[])[1, 2, 4, 8, 16])
        {
            RgbImage[] images = [.. Enumerable.Range(0, count).Select(_ => new RgbImage(320, 256))];
            var (time, memory) = Measure(() => detector.Detect(images));
            Print($"ResNet-18, {count} images of 320x256: per image", (time / count, memory));
        }
    }

    private static void Sizes()
    {
        foreach (var side in (int[])[256, 384, 512, 768, 1024])
        {
            using var detector = new Detector(Setup.Untrained(TrainingRecipe.FromScratch(classes: 3, images: 205).Detector, Resize.Letterbox(side, side)));
            RgbImage[] images = [new(side, side)];
            Print($"ResNet-18, {side}x{side}", Measure(() => detector.Detect(images)));
        }
    }

    /// <summary>The median time in milliseconds, and the most resident memory beyond that at the start, in MB.</summary>
    private static (double Time, double Memory) Measure(Action work)
    {
        Once();
        var (start, peak) = (MemoryBenchmarks.ResidentMemory(), PeakMemory.Restart());
        double[] times = [.. Enumerable.Range(0, Rounds).Select(_ => Once())];
        return (SideBySide.Median(times), (peak() - start) / 1e6);

        double Once()
        {
            using var scope = NewDisposeScope();
            var started = Stopwatch.GetTimestamp();
            work();
            return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }
    }

    private static void Print(string what, (double Time, double Memory) measured)
        => Console.WriteLine(FormattableString.Invariant($"{what}: {measured.Time:f1} ms, {measured.Memory:f0} MB more at most"));
}
