using System.Text.Json;
using Pss.Engine.Assignment;
using Pss.Engine.Backbones;
using Pss.Engine.Boxes;
using Pss.Engine.Detectors;
using Pss.Engine.Layers;
using Pss.Engine.Losses;
using Pss.Engine.Weights;
using Pss.Engine.Weights.NameMaps;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Detectors;

/// <summary>The slim torchvision FCOS models: weights by the name map, features, heads, losses, gradients and steps of SGD.</summary>
public class TorchvisionFcosTests
{
    private const string Folder = "torchvision_fcos";

    public static TheoryData<string, string> Inputs => new() { { "tiny", "a" }, { "tiny", "odd" }, { "micro", "a" }, { "micro", "b" } };

    public static TheoryData<string, string, string> Losses
    {
        get
        {
            var data = new TheoryData<string, string, string>();
            foreach (string model in (string[])["tiny", "micro"])
            {
                foreach (string set in (string[])["main", "one_empty", "all_empty"])
                {
                    data.Add(model, set, "tv");
                    data.Add(model, set, "half");
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Inputs))]
    public void Features_and_heads_equal_the_oracle(string model, string input)
    {
        using var scope = NewDisposeScope();
        using var evaluation = no_grad();
        using var network = Load(model);
        network.eval();
        var expected = OracleTensors.Arrays(Folder, model, $"expected_{input}.safetensors");
        var images = OracleTensors.Arrays(Folder, model, "inputs.safetensors")[input].ToTensor();
        var (backbone, pyramid) = network.Features(images);
        foreach (var (name, map) in new[] { ("c3", backbone.C3), ("c4", backbone.C4), ("c5", backbone.C5) }.Concat(pyramid.Select((map, i) => ($"p{i + 3}", map))))
            OracleTensors.Close(expected[name].ToTensor(), map, 1e-4);
        var outputs = network.call(images);
        OracleTensors.Close(expected["cls_logits"].ToTensor(), outputs.ClassLogits, 1e-4);
        OracleTensors.Close(expected["bbox_regression"].ToTensor(), outputs.Boxes, 1e-4);
        OracleTensors.Close(expected["bbox_ctrness"].ToTensor(), outputs.QualityLogits!.unsqueeze(-1), 1e-4);

        // Folded batch normalization computes the same.
        network.FoldBatchNorm();
        OracleTensors.Close(expected["cls_logits"].ToTensor(), network.call(images).ClassLogits, 1e-3);
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public void Assignment_and_losses_equal_the_oracle(string model, string set, string locations)
    {
        using var scope = NewDisposeScope();
        using var network = Load(model);
        network.eval();
        var file = OracleTensors.Arrays(Folder, model, "expected_a.safetensors");
        var losses = Compute(network, file, model, set, locations, out var matched);
        for (int image = 0; image < 2; image++)
            Assert.Equal(OracleTensors.ToArray(file[$"matched.{set}.{locations}.{image}"].ToTensor()), OracleTensors.ToArray(matched[image]));
        var expected = Expected(model).GetProperty("losses").GetProperty($"{set}.{locations}");
        Assert.Equal(expected.GetProperty("num_foreground").GetInt64(), (matched >= 0).sum().item<long>());
        Near(expected, losses, 1e-5);
    }

    [Theory]
    [InlineData("tiny")]
    [InlineData("micro")]
    public void Every_gradient_equals_the_oracle(string model)
    {
        using var scope = NewDisposeScope();
        using var network = Load(model);
        network.eval();
        var file = OracleTensors.Arrays(Folder, model, "expected_a.safetensors");
        Compute(network, file, model, "main", "tv", out _).Total.backward();
        var gradients = network.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter.grad!);
        var expected = Expected(model).GetProperty("gradients_eval_bn_tv").GetProperty("per_parameter");
        var off = new List<string>();
        foreach (var entry in expected.EnumerateObject())
        {
            Assert.True(gradients.Remove(TorchvisionNames.Fcos(entry.Name)!, out var gradient), entry.Name);
            double length = entry.Value.GetProperty("l2").GetDouble();
            var values = gradient.contiguous().view(-1).data<float>().ToArray();
            double[] differences =
            [
                gradient.norm().item<float>() - length,
                gradient.abs().max().item<float>() - entry.Value.GetProperty("abs_max").GetDouble(),
                (gradient.sum().item<float>() - entry.Value.GetProperty("sum").GetDouble()) / Math.Sqrt(values.Length),
                .. entry.Value.GetProperty("first").EnumerateArray().Select((item, i) => values[i] - item.GetDouble()),
            ];
            // Relative to the gradient's length, with a floor where only rounding is left: biases before a normalization of one channel,
            // and P7 of 1x2, whose float32 gradient in the oracle is itself 0.8 % off its float64 value.
            double worst = differences.Max(Math.Abs) / Math.Max(length, 1e-3);
            if (worst > 1e-3)
                off.Add($"{entry.Name} {worst:E1}");
        }

        Assert.Empty(off);
        Assert.Empty(gradients);
        foreach (var array in file.Tensors.Where(array => array.Name.StartsWith("grad.", StringComparison.Ordinal)))
        {
            string name = TorchvisionNames.Fcos(array.Name["grad.".Length..])!;
            var actual = network.named_parameters().Single(pair => pair.name == name).parameter.grad!;
            var whole = array.ToTensor();
            Assert.InRange(((whole - actual).norm() / whole.norm()).item<float>(), 0, 1e-3);
        }
    }

    [Theory]
    [InlineData("tiny")]
    [InlineData("micro")]
    public void First_steps_of_training_equal_the_oracle(string model)
    {
        using var scope = NewDisposeScope();
        using var network = Load(model);
        network.train();
        var file = OracleTensors.Arrays(Folder, model, "expected_a.safetensors");
        var expected = Expected(model).GetProperty("sgd_train_bn_tv");
        using var optimizer = optim.SGD(
            network.parameters(), expected.GetProperty("lr").GetDouble(), expected.GetProperty("momentum").GetDouble(), weight_decay: expected.GetProperty("weight_decay").GetDouble());
        foreach (var step in expected.GetProperty("losses_before_each_step").GetProperty("float32").EnumerateArray().Take(3))
        {
            optimizer.zero_grad();
            var losses = Compute(network, file, model, "main", "tv", out _);
            Near(step, losses, 1e-3);
            losses.Total.backward();
            optimizer.step();
        }
    }

    private static void Near(JsonElement expected, LossTerms losses, double tolerance)
    {
        foreach (var (name, loss) in new[] { ("classification", losses["classification"]), ("bbox_regression", losses["box"]), ("bbox_ctrness", losses["centerness"]) })
        {
            double value = expected.GetProperty(name).GetDouble();
            Assert.Equal(0, (loss.item<float>() - value) / Math.Max(1, value), tolerance);
        }
    }

    private static LossTerms Compute(DenseDetector network, WeightFile file, string model, string set, string locations, out Tensor matched)
    {
        var images = OracleTensors.Arrays(Folder, model, "inputs.safetensors")["a"].ToTensor();
        var objects = BatchTargets.Create(
            [.. Enumerable.Range(0, 2).Select(image => file[$"target.{set}.{image}.boxes"].ToSingles())],
            [.. Enumerable.Range(0, 2).Select(image => OracleTensors.ToArray(file[$"target.{set}.{image}.labels"].ToTensor()).Select(label => (int)label).ToArray())],
            network.Options.Classes, CPU);
        var outputs = network.call(images);

        // torchvision places its locations by an integer division of the image, so they are taken from the file.
        var anchors = file[locations == "tv" ? "anchors_torchvision" : "anchors_half_stride"].ToTensor();
        var points = (anchors.narrow(1, 0, 2) + anchors.narrow(1, 2, 2)) * 0.5;
        var grid = new AnchorPoints(points, anchors.select(1, 2) - anchors.select(1, 0), outputs.Levels);
        matched = CenterSampling.Assign(grid, objects, 1.5, [64, 128, 256, 512]);
        return network.Losses(outputs, objects, grid, matched);
    }

    private static JsonElement Expected(string model) => OracleTensors.Json(Folder, model, "expected.json").GetProperty("inputs").GetProperty("a");

    internal static DenseDetector Load(string model)
    {
        var options = DetectorOptions.TorchvisionFcos(model == "tiny" ? 5 : 3) with
        {
            Backbone = model == "tiny"
                ? new() { Block = ResNetBlock.Bottleneck, Layers = [1, 1, 1, 1], Width = 8, Normalization = Normalization.BatchNorm, FrozenStages = 0 }
                : new() { Block = ResNetBlock.Basic, Layers = [1, 2, 1, 1], Width = 8, FrozenStages = 0 },
            Pyramid = model == "tiny" ? new() { Channels = 64 } : new() { Channels = 32, P6Source = P6Source.C5 },
        };
        var network = options.Build();
        NetworkWeights.Load(network, OracleTensors.Arrays(Folder, model, "weights.safetensors"), TorchvisionNames.Fcos);
        return network;
    }
}
