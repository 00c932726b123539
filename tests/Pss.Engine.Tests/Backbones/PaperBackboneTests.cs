using System.Text.Json;
using Pss.Engine.Backbones;
using Pss.Engine.Layers;
using Pss.Engine.Weights;
using Pss.Engine.Weights.NameMaps;
using TorchSharp;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Backbones;

/// <summary>ResNeXt and Res2Net, plain and with deformable convolutions, against an independent implementation.</summary>
public sealed class PaperBackboneTests
{
    private static readonly string[] Folder = ["paper_parts", "backbones"];
    private static readonly string[] Outputs = ["c3", "c4", "c5"];
    private static readonly JsonElement Expected = OracleTensors.Json([.. Folder, "expected.json"]);

    [Theory]
    [InlineData("resnext_a", "plain", ScalarType.Float64)]
    [InlineData("resnext_a", "plain", ScalarType.Float32)]
    [InlineData("resnext_a", "dcn", ScalarType.Float64)]
    [InlineData("resnext_a", "dcn", ScalarType.Float32)]
    [InlineData("resnext_a", "dcn45", ScalarType.Float64)]
    [InlineData("res2net_a", "plain", ScalarType.Float64)]
    [InlineData("res2net_a", "plain", ScalarType.Float32)]
    [InlineData("res2net_a", "dcn", ScalarType.Float64)]
    [InlineData("res2net_a", "dcn", ScalarType.Float32)]
    public void Values_and_gradients_are_the_oracles(string network, string variant, ScalarType type)
    {
        using var scope = NewDisposeScope();
        var arrays = OracleTensors.Arrays([.. Folder, network + ".safetensors"]);
        var expected = Expected.GetProperty(network).GetProperty(variant);
        var (backbone, names) = Build(network, variant);
        using var _ = backbone.to(type);
        var exact = type == ScalarType.Float64;
        var input = arrays["input"].ToTensor().to(type).requires_grad_(true);
        var features = backbone.call(input);
        Tensor[] outputs = [features.C3, features.C4, features.C5];
        foreach (var (name, output) in Outputs.Zip(outputs))
        {
            var noise = exact ? 0 : expected.GetProperty("float32_noise_max_abs").GetProperty(name).GetDouble();
            Close(arrays[$"{variant}.{name}"].ToTensor(), output, exact ? 1e-10 : null, 10 * noise, name);
        }

        var loss = outputs.Select(output => (output * output).mean().Times(0.5)).Aggregate((a, b) => a.Plus(b));
        Assert.Equal(expected.GetProperty("loss").GetDouble(), loss.to(ScalarType.Float64).item<double>(), exact ? 1e-10 : 1e-4);
        if (!expected.TryGetProperty("gradients", out var summaries))
            return;
        loss.backward();
        var gradients = backbone.named_parameters().ToDictionary(pair => "backbone." + pair.name, pair => pair.parameter.grad);
        var tolerance = exact ? 1e-10 : 5e-4;
        foreach (var array in arrays.Tensors.Where(array => array.Name.StartsWith($"{variant}.grad.", StringComparison.Ordinal)))
        {
            var name = array.Name[$"{variant}.grad.".Length..];
            Close(array.ToTensor(), name == "input" ? input.grad! : gradients[names.Map(name)!]!, tolerance, 0, name);
        }

        var parameters = summaries.EnumerateObject().Where(summary => gradients.ContainsKey(names.Map(summary.Name)!)).ToArray();
        // All convolutions, and what batch normalization trains.
        Assert.Equal(parameters.Length, gradients.Count);
        foreach (var summary in parameters)
        {
            var gradient = gradients[names.Map(summary.Name)!]!.to(ScalarType.Float64);
            var largest = summary.Value.GetProperty("max_abs").GetDouble();
            Assert.Equal(largest, gradient.abs().max().item<double>(), tolerance * largest);
            Assert.Equal(summary.Value.GetProperty("l2").GetDouble(), gradient.norm().item<double>(), tolerance * largest * Math.Sqrt(gradient.numel()));
        }
    }

    [Theory]
    [InlineData("basic")]
    [InlineData("bottleneck")]
    [InlineData("res2net")]
    public void Weights_are_drawn_in_the_order_of_the_layers(string kind)
    {
        using var scope = NewDisposeScope();
        var options = (kind == "basic" ? ResNetOptions.ResNet18 : kind == "res2net" ? ResNetOptions.Res2Net101 : ResNetOptions.ResNet50).FromScratch() with { Width = 16 };
        using Generator one = new(3), other = new(3);
        using var block = ResidualBlock.Create(options, options.Normalization, stage: 2, first: true, input: 24, one);
        var convolutions = block.modules().OfType<SquareConvolution>().ToArray();
        Assert.Equal(kind == "basic" ? 3 : kind == "res2net" ? 6 : 4, convolutions.Length);
        foreach (var convolution in convolutions)
        {
            using var alike = new SquareConvolution(convolution.Inputs, convolution.Outputs, convolution.Weight.shape[2]);
            Initializer.KaimingFanOut(alike, other);
            Assert.True(alike.Weight.equal(convolution.Weight).all().item<bool>());
        }
    }

    private static (ResNet Backbone, BackboneNames Names) Build(string network, string variant)
    {
        var config = Expected.GetProperty(network).GetProperty("config");
        int Number(string name, int otherwise = 1) => config.TryGetProperty(name, out var value) ? value.GetInt32() : otherwise;
        var options = new ResNetOptions
        {
            Layers = [.. config.GetProperty("layers").EnumerateArray().Select(count => count.GetInt32())],
            Width = Number("planes"),
            Groups = Number("groups"),
            WidthPerGroup = Number("width_per_group", Number("base_width")),
            Scales = Number("scales"),
            DeformableStages = variant switch { "dcn" => [2, 3, 4], "dcn45" => [3, 4], _ => [] },
            Normalization = Expected.GetProperty(network).GetProperty("norm").GetString() == "BatchNorm2d" ? Normalization.BatchNorm : Normalization.FrozenBatchNorm,
            FrozenStages = 0,
        };
        options.Validate();
        using var generator = new Generator(1);
        var backbone = new ResNet(options, generator, stemChannels: Number("stem"));
        var weights = OracleTensors.Arrays([.. Folder, network + ".weights.safetensors"]);
        var names = BackboneNames.For(weights.Names);
        var state = backbone.state_dict();
        NetworkWeights.Load(backbone, weights.Rename(name => names.Map(name)?["backbone.".Length..] is { } own
            && (state.ContainsKey(own) || !own.Contains(".offsets.")) ? own : null));
        backbone.eval();
        return (backbone, names);
    }

    private static void Close(Tensor expected, Tensor actual, double? relative, double absolute, string name)
    {
        Assert.Equal(expected.shape, actual.shape);
        var difference = (expected - actual.to(ScalarType.Float64)).abs().max().item<double>();
        var limit = relative * expected.abs().max().item<double>() ?? absolute;
        Assert.True(difference <= limit, $"{name}: {difference}, at most {limit}");
    }
}
