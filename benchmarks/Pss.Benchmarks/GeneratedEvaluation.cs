using Pss.Engine;
using Pss.Engine.Data;
using Pss.Engine.Evaluation;

namespace Pss.Benchmarks;

/// <summary>The COCO evaluation of a generated set of the size of val2017: 5,000 images, 80 classes, 36,000 objects, 500,000 detections.</summary>
internal sealed class GeneratedEvaluation
{
    private const int Images = 5_000;
    private const int Classes = 80;
    private const int Objects = 36_000;
    private const int Detections = 500_000;

    private readonly long[] _images = [.. Enumerable.Range(1, Images)];
    private readonly Category[] _categories = [.. Enumerable.Range(1, Classes).Select(id => new Category(id, $"class {id}"))];
    private readonly GroundTruth[] _objects;
    private readonly DetectionResult[] _detections;

    public GeneratedEvaluation() => (_objects, _detections) = Generate();

    public CocoSummary Evaluate(int threads) =>
        new CocoEvaluator(new() { DegreeOfParallelism = threads }).Evaluate(_images, _categories, _objects, _detections).Summary;

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
