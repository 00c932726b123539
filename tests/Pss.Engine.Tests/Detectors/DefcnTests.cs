using Pss.Engine.Assignment;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using Pss.Engine.Tests.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Detectors;

public class DefcnTests
{
    private static readonly DefcnOptions Options = (DefcnOptions)SmallDetectors.Small(DetectorOptions.Defcn(3));

    [Fact]
    public void Each_switch_takes_away_its_part()
    {
        Assert.Equal(["classification", "box", "auxiliary"], Names(Options, filter: true, norm: true));
        Assert.Equal(["classification", "box"], Names(Options with { AuxiliaryWeight = 0, FilterNormalization = false }, filter: true, norm: false));
        Assert.Equal(["classification", "box", "auxiliary"], Names(Options with { MaxFilter = false }, filter: false, norm: false));

        static IEnumerable<string> Names(DefcnOptions options, bool filter, bool norm)
        {
            using var scope = NewDisposeScope();
            using var network = options.Build(seed: 1);
            var outputs = network.call(SmallDetectors.Images(2));
            Assert.Equal(filter, outputs.QualityLogits is not null);
            Assert.Equal(norm, network.named_parameters().Any(pair => pair.name == "max_filter.norm.weight"));
            var losses = network.Losses(outputs, SmallDetectors.Objects());
            losses.Total.backward();
            Assert.All(network.named_parameters().Where(pair => pair.parameter.requires_grad), pair => Assert.True(pair.parameter.grad is not null, pair.name));
            return losses.Names;
        }
    }

    [Fact]
    public void Without_objects_all_locations_are_background()
    {
        using var scope = NewDisposeScope();
        using var network = Options.Build(seed: 1);
        var losses = network.Losses(network.call(SmallDetectors.Images(2)), BatchTargets.Create([[], []], [[], []], 3, CPU));
        Assert.Equal(0, losses["box"].item<float>());
        Assert.True(losses.ToNumbers().Values.All(double.IsFinite));
        losses.Total.backward();
        Assert.All(network.named_parameters(), pair => Assert.True(pair.parameter.grad is null || pair.parameter.grad.isfinite().all().item<bool>(), pair.name));
    }

    [Fact]
    public void Its_score_is_the_same_end_to_end_and_with_nms()
    {
        Assert.Equal(DetectionMode.EndToEnd, PostProcessor.ModeOf(Options, new()));
        Assert.Equal(DetectionMode.OneToMany, PostProcessor.ModeOf(Options, new() { Mode = DetectionMode.OneToMany }));
        using var scope = NewDisposeScope();
        using var network = Options.Build(seed: 1);
        var outputs = network.call(SmallDetectors.Images(1));
        var (single, many) = (network.Score(outputs, withSelector: true), network.Score(outputs, withSelector: false));
        Assert.Equal(FusedScore.Probability(single).ToHost<float>(), FusedScore.Probability(many).ToHost<float>());
    }

    [Fact]
    public void In_bfloat16_the_scores_are_close()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var network = Options.Build(seed: 1);
        network.eval();
        // Weights that start near zero would give the same logits everywhere.
        using var generator = new Generator(2);
        foreach (var (_, parameter) in network.named_parameters().Where(pair => pair.name.StartsWith("max_filter.", StringComparison.Ordinal)))
            parameter.add_(randn(parameter.shape, generator: generator) * 0.05);
        var exact = network.call(SmallDetectors.Images(1)).QualityLogits!;
        network.to(ScalarType.BFloat16);
        var half = network.call(SmallDetectors.Images(1).to(ScalarType.BFloat16)).ToFloat32().QualityLogits!;
        Assert.True(exact.std().item<float>() > 0.1f);
        Assert.InRange((exact - half).abs().max().item<float>() / exact.std().item<float>(), 0, 0.25);
    }

    [Fact]
    public void Options_are_stored_and_contradictions_refused()
    {
        var options = DetectorOptions.Defcn(3) with { AuxiliaryWeight = 0.5, FilterNormalization = false };
        var stored = OptionsJson.Write<DetectorOptions>(options);
        Assert.Equal(stored, OptionsJson.Write(OptionsJson.Read<DetectorOptions>(stored)));
        Assert.Equal((0.5, false, true), OptionsJson.Read<DetectorOptions>(stored) is DefcnOptions read ? (read.AuxiliaryWeight, read.FilterNormalization, read.Matching.Hungarian) : default);
        Fails("Selector", options with { Selector = new() });
        Fails("Head.Centerness", options with { Head = new() });
        Fails("Matching.Candidates", options with { Matching = new() });

        static void Fails(string name, DetectorOptions options) => Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(options.Validate).ParamName);
    }
}
