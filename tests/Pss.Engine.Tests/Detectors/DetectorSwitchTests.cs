using Pss.Engine.Assignment;
using Pss.Engine.Detectors;
using Pss.Engine.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Detectors;

/// <summary>Each switch of a detector does what it says, and does nothing where it is not set.</summary>
public sealed class DetectorSwitchTests
{
    [Fact]
    public void Every_class_starts_with_a_prior_probability_of_one_in_a_hundred()
    {
        using var scope = NewDisposeScope();
        using var network = SmallDetectors.FcosPss.Build(seed: 1);
        OracleTensors.Close(full(3, -4.59512f), network.state_dict()["head.class_logits.bias"], 1e-4);
    }

    [Fact]
    public void The_scale_of_a_level_multiplies_its_distances()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var network = SmallDetectors.Small(DetectorOptions.Fcos(3) with { BoxEncoding = Pss.Engine.Boxes.BoxEncoding.Distances }).Build(seed: 1);
        network.eval();
        var parameters = network.state_dict();
        // Boxes are positive by ReLU: a bias makes them so.
        parameters["head.boxes.bias"].fill_(1f);
        var images = SmallDetectors.Images(1);
        var before = network.call(images).Boxes;
        parameters["head.scales"].fill_(2f);
        OracleTensors.Close(before * 2, network.call(images).Boxes, 1e-5);
    }

    [Theory]
    [InlineData(SelectorInput.Regression, "head.class_tower.0.conv.weight", "head.box_tower.0.conv.weight")]
    [InlineData(SelectorInput.Classification, "head.box_tower.0.conv.weight", "head.class_tower.0.conv.weight")]
    public void The_selector_reads_the_tower_that_is_named(SelectorInput input, string other, string own)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var options = SmallDetectors.FcosPss;
        using var network = (options with { Selector = options.Selector! with { Input = input } }).Build(seed: 1);
        network.eval();
        var images = SmallDetectors.Images(1);
        var before = network.call(images).SelectorLogits!;
        network.state_dict()[other].mul_(-1);
        Assert.True(before.eq(network.call(images).SelectorLogits!).all().item<bool>());
        network.state_dict()[own].mul_(-1);
        Assert.False(before.eq(network.call(images).SelectorLogits!).all().item<bool>());
    }

    [Fact]
    public void Uniform_box_weights_average_over_positives_and_centerness_weights_over_their_sum()
    {
        using var scope = NewDisposeScope();
        var options = SmallDetectors.Small(DetectorOptions.Fcos(3));
        using var uniform = (options with { Losses = new() { BoxWeighting = BoxWeighting.Uniform } }).Build(seed: 1);
        using var weighted = options.Build(seed: 1);
        // Boxes of four strides, which fit some locations of an object better than others.
        var outputs = weighted.call(SmallDetectors.Images(2));
        outputs = outputs with { Boxes = full_like(outputs.Boxes, 2) };
        var (a, b) = (BatchLosses.Of(uniform, outputs, SmallDetectors.Objects()), BatchLosses.Of(weighted, outputs, SmallDetectors.Objects()));
        Assert.NotEqual(a.Box.item<float>(), b.Box.item<float>(), 1e-4f);
        Assert.True(Number(b.Counts.BoxWeights) < Number(b.Positives));

        // Boxes without area lie inside their object's box and overlap nothing of it: the loss of each is 1, and so is every average.
        outputs = outputs with { Boxes = zeros_like(outputs.Boxes) };
        Assert.Equal(1, BatchLosses.Of(uniform, outputs, SmallDetectors.Objects()).Box.item<float>(), 1e-4f);
        Assert.Equal(1, BatchLosses.Of(weighted, outputs, SmallDetectors.Objects()).Box.item<float>(), 1e-4f);
        Assert.Equal(Number(a.Positives), Number(a.Counts.BoxWeights));

        static float Number(Tensor value) => value.to(ScalarType.Float32).item<float>();
    }

    [Theory]
    [InlineData(MatchCandidates.Positives, 1)]
    [InlineData(MatchCandidates.CenterRegion, 2)]
    public void An_object_without_positives_is_matched_only_by_the_region_around_its_center(MatchCandidates candidates, long matchable)
    {
        using var scope = NewDisposeScope();
        var options = SmallDetectors.FcosPss with { Matching = new() { Candidates = candidates } };
        using var network = options.Build(seed: 1);
        // Of two equal boxes the first takes all positives.
        var targets = BatchTargets.Create([[10, 12, 50, 60, 10, 12, 50, 60]], [[0, 2]], 3, CPU, [(128, 128)]);
        Assert.Equal(matchable, BatchLosses.Of(network, network.call(SmallDetectors.Images(1)), targets).Matched.item<long>());
    }

    [Fact]
    public void The_presets_differ_as_the_papers_do()
    {
        var (fcos, atss) = ((FcosOptions)DetectorOptions.Fcos(3), (AtssOptions)DetectorOptions.Atss(3));
        Assert.True(fcos.Pyramid.ReluBeforeP7);
        Assert.False(atss.Pyramid.ReluBeforeP7);
        Assert.Equal(1.5, fcos.CenterRadius);
        Assert.Equal(9, atss.Candidates);
        Assert.Null(fcos.Selector);
        Assert.NotNull(DetectorOptions.AtssPss(3).Selector);
    }

    [Fact]
    public void No_network_has_fewer_weights_than_its_options_say()
    {
        using var scope = NewDisposeScope();
        foreach (var options in (DetectorOptions[])[SmallDetectors.FcosPss, SmallDetectors.Small(DetectorOptions.Atss(40)), SmallDetectors.FcosPss with { Pyramid = new() { Channels = 64 } }])
        {
            using var network = options.Build(seed: 1);
            var weights = network.parameters().Sum(parameter => parameter.numel());
            Assert.InRange(options.LeastWeights, 0.4 * weights, weights);
        }
    }

    [Fact]
    public void A_network_is_built_of_valid_options_only()
    {
        Assert.ThrowsAny<ArgumentException>(() => (SmallDetectors.FcosPss with { Classes = 0 }).Build());
        var options = SmallDetectors.FcosPss;
        Refused("Channels", options with { Pyramid = new() { Channels = 5000 } });
        Refused("Convolutions", options with { Head = options.Head with { Convolutions = 0 } });

        static void Refused(string name, DetectorOptions options) => Assert.StartsWith(name, Assert.ThrowsAny<ArgumentException>(() => options.Build()).Message);
    }
}
