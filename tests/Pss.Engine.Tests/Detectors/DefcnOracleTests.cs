using System.Text.Json;
using Pss.Engine.Assignment;
using Pss.Engine.Boxes;
using Pss.Engine.Detectors;
using Pss.Engine.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Detectors;

/// <summary>DeFCN against numbers made independently, in float64: one-to-one and auxiliary assignment, losses, max filter.</summary>
public class DefcnOracleTests
{
    private static readonly JsonElement Expected = OracleTensors.Json("paper_parts", "defcn", "expected.json");
    private static readonly WeightFile Poto = Arrays("poto");
    private static readonly DefcnOptions Options = (DefcnOptions)SmallDetectors.Small(DetectorOptions.Defcn(3));

    private static readonly LevelShape[] Levels = [.. Expected.GetProperty("poto").GetProperty("level_sizes").EnumerateArray()
        .Zip(LevelShape.Strides, (size, stride) => new LevelShape(size[0].GetInt32(), size[1].GetInt32(), stride))];

    [Fact]
    public void The_one_to_one_assignment_by_both_algorithms()
    {
        using var scope = NewDisposeScope();
        var (outputs, boxes, points, targets) = Batch();
        OracleTensors.Close(Poto["points"].ToTensor(), points.Points, 0);
        var logits = FusedScore.Logit(new(outputs.ClassLogits, [outputs.QualityLogits!]));
        var quality = OneToOneMatcher.Quality(Options.Matching, logits, boxes, targets);
        var allowed = CenterSampling.CenterRegion(points, targets, Options.Matching.CenterRadius);
        var hungarian = PredictionAwareMatching.Assign(Options.Matching, logits, boxes, points, targets);
        var argmax = PredictionAwareMatching.Assign(Options.Matching with { Hungarian = false }, logits, boxes, points, targets);
        for (var image = 0; image < 2; image++)
        {
            var expected = Poto[$"quality.{image}"].ToTensor();
            var objects = expected.shape[0];
            var masked = quality[image].Masked(allowed[image].logical_not(), -1).t()[..(int)objects];
            OracleTensors.Close(expected, masked, 1e-10);
            OracleTensors.Close(Poto[$"argmax.{image}"].ToTensor(), argmax[image], 0);
        }
        OracleTensors.Close(Poto["matched"].ToTensor(), hungarian, 0);
    }

    [Fact]
    public void As_many_objects_are_matched_without_predictions()
    {
        using var scope = NewDisposeScope();
        var (_, _, points, targets) = Batch();
        var matched = PredictionAwareMatching.AssignMost(Options.Matching, points, targets);
        Assert.Equal(Expected.GetProperty("poto").GetProperty("matched").GetInt64(), matched.IsAtLeast(0).sum().item<long>());
    }

    [Fact]
    public void The_auxiliary_assignment()
    {
        using var scope = NewDisposeScope();
        var (outputs, boxes, points, targets) = Batch();
        var quality = OneToOneMatcher.Quality(Options.Matching, outputs.ClassLogits, boxes, targets);
        var matched = AdaptiveSelection.AssignByQuality(points, targets, quality, Options.AuxiliaryCandidates);
        for (var image = 0; image < 2; image++)
        {
            var expected = Poto[$"aux_quality.{image}"].ToTensor();
            OracleTensors.Close(expected, quality[image].t()[..(int)expected.shape[0]], 1e-10);
            OracleTensors.Close(Poto[$"aux_matched.{image}"].ToTensor(), matched[image], 0);
        }
    }

    [Fact]
    public void The_losses_of_a_batch_and_their_gradients()
    {
        using var scope = NewDisposeScope();
        using var network = new Defcn(Options);
        var (outputs, _, points, targets) = Batch();
        Tensor[] inputs = [outputs.ClassLogits, outputs.QualityLogits!, outputs.Boxes];
        foreach (var input in inputs)
            input.requires_grad_();

        var losses = network.Losses(outputs, targets, points, matched: null);

        var expected = Expected.GetProperty("poto").GetProperty("losses");
        Near(expected.GetProperty("class"), losses["classification"]);
        Near(expected.GetProperty("auxiliary"), losses["auxiliary"]);
        // GIoU has its epsilon added here.
        Near(expected.GetProperty("box"), losses["box"].Times(Options.Losses.BoxWeight));
        losses.Total.backward();
        OracleTensors.Close(Poto["grad.cls_logits"].ToTensor(), inputs[0].grad!, 1e-8);
        OracleTensors.Close(Poto["grad.filter_logits"].ToTensor().squeeze(-1), inputs[1].grad!, 1e-8);
        OracleTensors.Close(Poto["grad.ltrb"].ToTensor(), inputs[2].grad! / points.Strides.view(1, -1, 1), 1e-8);

        static void Near(JsonElement number, Tensor actual) => OracleTensors.Close(tensor(number.GetDouble(), dtype: ScalarType.Float64), actual, 1e-7);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_max_filter(bool normalized)
    {
        using var scope = NewDisposeScope();
        using var filter = Filter(normalized ? 32 : 0);
        var arrays = Arrays("max3d");
        Tensor[] levels = [.. Enumerable.Range(0, 3).Select(i => Double(arrays, $"input.{i}").requires_grad_())];

        var logits = filter.call(levels);

        for (var i = 0; i < 3; i++)
            OracleTensors.Close(arrays[normalized ? $"filter.{i}" : $"filter_without_norm.{i}"].ToTensor(), logits[i], 1e-10);
        if (!normalized)
            return;
        foreach (var (map, i) in filter.Filtered(levels).Select((map, i) => (map, i)))
            OracleTensors.Close(arrays[$"map.{i}"].ToTensor(), map, 1e-10);
        logits.Select(logit => (logit * logit).mean().Times(0.5)).Aggregate((sum, term) => sum + term).backward();
        for (var i = 0; i < 3; i++)
            OracleTensors.Close(arrays[$"grad.input.{i}"].ToTensor(), levels[i].grad!, 1e-10);
        foreach (var (name, parameter) in filter.named_parameters())
            OracleTensors.Close(arrays[$"grad.{TheirName(name)}"].ToTensor(), parameter.grad!, 1e-10);
    }

    /// <summary>The oracle's two images, in float64.</summary>
    private static (HeadOutputs Outputs, Tensor Boxes, AnchorPoints Points, BatchTargets Targets) Batch()
    {
        var points = AnchorPoints.Create(Levels, PointOffset.HalfStride, CPU, ScalarType.Float64);
        var distances = Double(Poto, "ltrb");
        var outputs = new HeadOutputs(
            Double(Poto, "cls_logits"), distances / points.Strides.view(1, -1, 1), Double(Poto, "filter_logits").squeeze(-1), null, Levels);
        Tensor[] boxes = [.. Enumerable.Range(0, 2).Select(image => Poto[$"boxes.{image}"].ToTensor())];
        var most = boxes.Max(image => image.shape[0]);
        var targets = new BatchTargets(
            stack([.. boxes.Select(Padded)]),
            stack([.. Enumerable.Range(0, 2).Select(image => Padded(Poto[$"classes.{image}"].ToTensor()))]),
            stack([.. boxes.Select(image => arange(most) < image.shape[0])]));
        return (outputs, new DistanceCoder().Decode(outputs.Boxes, points.Points, points.Strides), points, targets);

        Tensor Padded(Tensor values) => cat([values, zeros([most - values.shape[0], .. values.shape[1..]], values.dtype)]);
    }

    private static MaxFilter Filter(int groups)
    {
        using var generator = new Generator(1);
        var filter = new MaxFilter(64, groups, generator);
        var weights = Arrays("max3d.weights");
        using var _ = no_grad();
        foreach (var (name, value) in filter.state_dict())
            value.copy_(weights[TheirName(name)].ToTensor());
        return (MaxFilter)filter.to(ScalarType.Float64);
    }

    private static string TheirName(string name) => name.Replace("logit.", "filter.", StringComparison.Ordinal) is var other && other == name ? $"max3d.{name}" : other;

    private static Tensor Double(WeightFile arrays, string name) => arrays[name].ToTensor().to(ScalarType.Float64);

    private static WeightFile Arrays(string name) => OracleTensors.Arrays("paper_parts", "defcn", $"{name}.safetensors");
}
