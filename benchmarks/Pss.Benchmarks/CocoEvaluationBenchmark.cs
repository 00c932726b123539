using System.Diagnostics;
using Pss.Engine;
using Pss.Engine.Data;
using Pss.Engine.Evaluation;

namespace Pss.Benchmarks;

/// <summary>The COCO evaluation of a generated set of the size of val2017: 5,000 images, 80 classes, 36,000 objects, 500,000 detections.</summary>
internal static class CocoEvaluationBenchmark
{
    private const int Images = 5_000;
    private const int Classes = 80;
    private const int Objects = 36_000;
    private const int Detections = 500_000;

    public static void Run()
    {
        var (objects, detections) = Generate();
        long[] images = [.. Enumerable.Range(1, Images)];
        Category[] categories = [.. Enumerable.Range(1, Classes).Select(id => new Category(id, $"class {id}"))];
        var before = Environment.WorkingSet;
        Console.WriteLine($"{Images:N0} images, {Classes} classes, {Objects:N0} objects, {Detections:N0} detections; {before >> 20} MB resident with the input");
        Console.WriteLine("threads   first s   best s of 3   resident MB         AP      AR100");
        foreach (var threads in new[] { 1, 2 })
        {
            var evaluator = new CocoEvaluator(new CocoEvaluatorOptions { DegreeOfParallelism = threads });
            var seconds = new double[3];
            CocoSummary? summary = null;
            for (var round = 0; round < seconds.Length; round++)
            {
                var clock = Stopwatch.StartNew();
                summary = evaluator.Evaluate(images, categories, objects, detections).Summary;
                seconds[round] = clock.Elapsed.TotalSeconds;
            }
            Console.WriteLine($"{threads,7} {seconds[0],9:F2} {seconds.Min(),13:F2} {Process.GetCurrentProcess().PeakWorkingSet64 >> 20,13} {summary!.AP,10:F6} {summary.AR100,10:F6}");
        }
    }

    /// <summary>Classes as uneven as in COCO; half of the detections lie near an object, the rest anywhere.</summary>
    private static (GroundTruth[] Objects, DetectionResult[] Detections) Generate()
    {
        var random = new SeededRandom(1);
        var objects = new GroundTruth[Objects];
        for (var i = 0; i < objects.Length; i++)
        {
            var (width, height) = (Math.Exp(random.NextDouble(2, 5.5)), Math.Exp(random.NextDouble(2, 5.5)));
            var box = new BoundingBox(random.NextDouble(0, 640 - width), random.NextDouble(0, 480 - height), width, height);
            objects[i] = new GroundTruth(i % Images + 1, Class(random), box, .7 * box.Area, random.Next(100) == 0);
        }
        var detections = new DetectionResult[Detections];
        for (var i = 0; i < detections.Length; i++)
        {
            var image = i / (Detections / Images);
            var near = objects[image + Images * random.Next(Objects / Images)];
            var box = random.Next(2) == 0 ? near.Box : new BoundingBox(random.NextDouble(0, 500), random.NextDouble(0, 400), 60, 60);
            box = new BoundingBox(box.X + .05 * box.Width * random.NextGaussian(), box.Y + .05 * box.Height * random.NextGaussian(),
                box.Width * random.NextDouble(.85, 1.15), box.Height * random.NextDouble(.85, 1.15));
            detections[i] = new DetectionResult(image + 1, random.Next(3) > 0 ? near.CategoryId : Class(random), box, random.NextDouble());
        }
        return (objects, detections);
    }

    private static int Class(SeededRandom random) => 1 + (int)(Classes * Math.Pow(random.NextDouble(), 2.5));
}
