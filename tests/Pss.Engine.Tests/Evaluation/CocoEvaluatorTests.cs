using Pss.Engine.Data;
using Pss.Engine.Evaluation;
using Pss.Engine.Inference;

namespace Pss.Engine.Tests.Evaluation;

public sealed class CocoEvaluatorTests
{
    private static readonly Category[] Categories = [new(7, "cat"), new(3, "dog")];

    [Fact]
    public void The_order_of_images_and_objects_of_others_does_not_matter()
    {
        var oracle = new CocoOracle("c_many_categories");
        var expected = oracle.Evaluate();
        var random = new SeededRandom(1);
        for (var round = 0; round < 5; round++)
        {
            var images = oracle.ImageIds.ToArray();
            random.Shuffle(images.AsSpan());
            var place = images.Select((id, i) => (id, i)).ToDictionary(pair => pair.id, pair => pair.i);
            var actual = new CocoEvaluator().Evaluate(images, oracle.Categories, [.. oracle.Objects.OrderBy(o => place[o.ImageId])],
                [.. oracle.Results.OrderBy(r => place[r.ImageId])]);
            Assert.Equal(expected.Summary, actual.Summary);
        }
    }

    [Fact]
    public void The_number_of_threads_does_not_matter()
    {
        var oracle = new CocoOracle("c_many_categories");
        var (one, many) = (oracle.Evaluate(new() { DegreeOfParallelism = 1 }), oracle.Evaluate(new() { DegreeOfParallelism = 8 }));
        Assert.Equal(one.Summary, many.Summary);
        Assert.Equal(one.Categories.Select(c => c.Summary), many.Categories.Select(c => c.Summary));
    }

    [Fact]
    public void Objects_given_back_as_detections_score_one()
    {
        var oracle = new CocoOracle("f_bccd_val_jitter");
        var results = oracle.Objects.Select(o => new DetectionResult(o.ImageId, o.CategoryId, o.Box, 1)).ToArray();
        var summary = new CocoEvaluator().Evaluate(oracle.ImageIds, oracle.Categories, oracle.Objects, results).Summary;
        Assert.Equal((1, 1), (summary.AP, summary.AR100));
    }

    [Fact]
    public void Without_detections_the_numbers_are_zero_and_without_objects_minus_one()
    {
        var evaluator = new CocoEvaluator();
        var one = new GroundTruth(1, 7, new BoundingBox(0, 0, 20, 20), 400);
        var found = new DetectionResult(1, 7, one.Box, .5);

        var nothingFound = evaluator.Evaluate([1], Categories, [one], []);
        Assert.Equal((0, 0, 0, -1), (nothingFound.Summary.AP, nothingFound.Summary.AR100, nothingFound.Summary.APSmall, nothingFound.Summary.APLarge));
        Assert.All(evaluator.Evaluate([1], Categories, [], [found]).Summary.ToArray(), number => Assert.Equal(-1, number));
        Assert.All(evaluator.Evaluate([], [], [], []).Summary.ToArray(), number => Assert.Equal(-1, number));
    }

    [Fact]
    public void Of_equal_overlaps_the_later_object_is_found()
    {
        var twins = Enumerable.Repeat(new GroundTruth(1, 7, new BoundingBox(0, 0, 50, 50), 2500), 2).ToArray();
        var matches = new CocoEvaluator(new() { KeepMatches = true })
            .Evaluate([1], Categories, twins, [new(1, 7, twins[0].Box, .4), new(1, 7, twins[0].Box, .9)]).Matches.Single();
        Assert.Equal([1, 0], matches.Detections);
        Assert.Equal([1, 0], matches.MatchedObject[9]);
    }

    [Fact]
    public void Limits_of_areas_and_detections_can_be_moved()
    {
        GroundTruth[] objects = [new(1, 7, new BoundingBox(0, 0, 10, 10), 100), new(1, 7, new BoundingBox(50, 50, 10, 10), 100)];
        DetectionResult[] results = [.. objects.Select(o => new DetectionResult(1, 7, o.Box, .5))];
        var options = new CocoEvaluatorOptions { SmallMaxArea = 50, MediumMaxArea = 99, MaxDetections = [1, 2, 3] };
        var summary = new CocoEvaluator(options).Evaluate([1], Categories, objects, results).Summary;
        Assert.Equal((0.5, 1, 1), (summary.AR1, summary.AR10, summary.AR100));
        Assert.Equal((-1, -1, 1), (summary.APSmall, summary.APMedium, summary.APLarge));
    }

    [Fact]
    public void A_dataset_and_its_detections_give_the_numbers_of_plain_records()
    {
        var oracle = new CocoOracle("f_bccd_val_jitter");
        var labels = oracle.Categories.Select((category, label) => (category.Id, label)).ToDictionary(pair => pair.Id, pair => pair.label);
        var objects = oracle.Objects.ToLookup(o => o.ImageId);
        var dataset = new DetectionDataset
        {
            Categories = oracle.Categories,
            Images = [.. oracle.ImageIds.Select(id => new ImageRecord
            {
                Id = id,
                FileName = $"{id}.jpg",
                Width = 640,
                Height = 480,
                Objects = [.. objects[id].Select(o => new ObjectAnnotation { Label = labels[o.CategoryId], Box = o.Box, Area = o.Area, IsCrowd = o.IsCrowd })],
            })],
        };
        var found = oracle.Results.ToLookup(r => r.ImageId);
        var detections = oracle.ImageIds.Select(id => (IReadOnlyList<Detection>)[.. found[id].Select(r =>
            new Detection((float)r.Box.X, (float)r.Box.Y, (float)r.Box.X2, (float)r.Box.Y2, (float)r.Score, labels[r.CategoryId]))]).ToArray();

        Assert.Equal(oracle.Evaluate().Summary.AP, new CocoEvaluator().Evaluate(dataset, detections).Summary.AP, 4);
        Assert.Equal(oracle.Evaluate().Summary, new CocoEvaluator().Evaluate(dataset, oracle.Results).Summary);
        Refused("lists of detections", () => new CocoEvaluator().Evaluate(dataset, detections[1..]));
        detections[4] = [new Detection(0, 0, 5, 5, .5f, 3)];
        Refused("detections[4][0]: the label is 3", () => new CocoEvaluator().Evaluate(dataset, detections));
        detections[4] = [new Detection(0, 0, float.NaN, 5, .5f, 0)];
        Refused("detections[4][0]", () => new CocoEvaluator().Evaluate(dataset, detections));
    }

    [Fact]
    public void Faulty_records_are_named()
    {
        var box = new BoundingBox(0, 0, 20, 20);
        var good = new GroundTruth(1, 7, box, 400);
        var found = new DetectionResult(1, 7, box, .5);
        void Faulty(string message, GroundTruth truth, DetectionResult result, bool masks = false) => Refused(message,
            () => new CocoEvaluator(new() { Masks = masks }).Evaluate([1, 2], Categories, [good, truth], [found, found, result]));

        Faulty("results[2]: category id 1 is not among the 2", good, found with { CategoryId = 1 });
        Faulty("results[2]: image id 9 is not among the 2", good, found with { ImageId = 9 });
        Faulty("results[2]: the score is NaN", good, found with { Score = double.NaN });
        Faulty("results[2]: the box", good, found with { Box = box with { X = double.PositiveInfinity } });
        Faulty("negative size", good, found with { Box = box with { Height = -1 } });
        Faulty("groundTruths[1]: category id 8", good with { CategoryId = 8 }, found);
        Faulty("groundTruths[1]: image id 3", good with { ImageId = 3 }, found);
        Faulty("groundTruths[1]: the area is NaN", good with { Area = double.NaN }, found);
        Faulty("groundTruths[1]: the box", good with { Box = box with { Width = double.NaN } }, found);
        Refused("id 7 is used twice", () => new CocoEvaluator().Evaluate([1], [.. Categories, Categories[0]], [], []));
    }

    [Fact]
    public void Faulty_masks_are_named()
    {
        var mask = new RleSegmentation(4, 5, [3, 3, 14]);
        var truth = new GroundTruth(1, 7, default, 3, false, mask);
        var found = new DetectionResult(1, 7, default, .5, mask);
        void Faulty(string message, GroundTruth object1, DetectionResult result1) => Refused(message,
            () => new CocoEvaluator(new() { Masks = true }).Evaluate([1], Categories, [truth, object1], [found, result1]));

        Faulty("groundTruths[1]: there is no mask", truth with { Mask = null }, found);
        Faulty("results[1]: there is no mask", truth, found with { Mask = null });
        Faulty("results[1]: the mask's runs sum to 3", truth, found with { Mask = mask with { Counts = [3] } });
        Faulty("results[1]: the mask is 4 x 5", truth, found with { Mask = new RleSegmentation(5, 4, [20]) });
    }

    [Theory]
    [InlineData("SmallMaxArea")]
    [InlineData("MediumMaxArea")]
    [InlineData("MaxDetections")]
    [InlineData("DegreeOfParallelism")]
    public void Options_out_of_range_are_named(string name)
    {
        var good = new CocoEvaluatorOptions();
        var faulty = name switch
        {
            "SmallMaxArea" => good with { SmallMaxArea = 0 },
            "MediumMaxArea" => good with { MediumMaxArea = 100 },
            "MaxDetections" => good with { MaxDetections = [1, 10, 10] },
            _ => good with { DegreeOfParallelism = 0 },
        };
        Refused(name, () => new CocoEvaluator(faulty));
    }

    private static void Refused(string message, Action action) => Assert.Contains(message, Assert.ThrowsAny<ArgumentException>(action).Message);
}
