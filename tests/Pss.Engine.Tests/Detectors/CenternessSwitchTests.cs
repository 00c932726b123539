using Pss.Engine.Assignment;
using Pss.Engine.Boxes;
using Pss.Engine.Detectors;
using Pss.Engine.Losses;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Detectors;

/// <summary>The head without its center-ness branch (Table 6).</summary>
public class CenternessSwitchTests
{
    [Theory]
    [InlineData("FCOS")]
    [InlineData("ATSS")]
    public void Without_the_branch_score_and_losses_have_no_centerness_and_the_box_loss_keeps_its_weights(string kind)
    {
        using var scope = NewDisposeScope();
        var with = SmallDetectors.Small(kind == "FCOS" ? DetectorOptions.FcosPss(3) : DetectorOptions.AtssPss(3));
        var without = with with { Head = with.Head with { Centerness = false } };
        using var network = without.Build(seed: 3);
        var outputs = network.call(SmallDetectors.Images(2));
        Assert.Null(outputs.QualityLogits);
        Assert.DoesNotContain(network.named_parameters(), pair => pair.name.Contains("centerness", StringComparison.Ordinal));

        var objects = SmallDetectors.Objects();
        var losses = network.Losses(outputs, objects);
        Assert.Equal(["classification", "box", "selector", "ranking"], losses.Names);
        // The box loss does not depend on the branch, nor does the class loss.
        using var other = with.Build(seed: 3);
        var usual = other.Losses(outputs with { QualityLogits = ones_like(outputs.SelectorLogits!) }, objects);
        Assert.Equal(usual["box"].item<float>(), losses["box"].item<float>(), 6);
        Assert.Equal(usual["classification"].item<float>(), losses["classification"].item<float>(), 6);
        Assert.True(network.Normalizers(objects, 128, 128).BoxWeights.item<float>() < network.Normalizers(objects, 128, 128).Positives.item<long>());

        var (single, many) = (network.Score(outputs, withSelector: true), network.Score(outputs, withSelector: false));
        var expected = outputs.ClassLogits.sigmoid();
        OracleTensors.Close(expected, FusedScore.Probability(many), 1e-7);
        OracleTensors.Close(outputs.ClassLogits, FusedScore.Logit(many), 1e-7);
        OracleTensors.Close(expected * outputs.SelectorLogits!.sigmoid().unsqueeze(-1), FusedScore.Probability(single), 1e-7);
        OracleTensors.Close(FusedScore.Probability(single), FusedScore.Logit(single).sigmoid(), 1e-6);
    }

    [Fact]
    public void The_selector_loss_is_the_focal_loss_of_two_factors()
    {
        using var scope = NewDisposeScope();
        var options = SmallDetectors.FcosPss with { Head = SmallDetectors.FcosPss.Head with { Centerness = false } };
        using var network = options.Build(seed: 3);
        LevelShape[] levels = [new(16, 16, 8), new(8, 8, 16), new(4, 4, 32), new(2, 2, 64), new(1, 1, 128)];
        var locations = levels.Sum(level => level.Count);
        var outputs = new HeadOutputs(zeros(1, locations, 3), ones(1, locations, 4), null, zeros(1, locations), levels);
        var losses = network.Losses(outputs, BatchTargets.Create([[10, 12, 50, 60]], [[1]], 3, CPU));
        // P is 1/2 * 1/2 everywhere; one entry of all is the target.
        const double p = 0.25;
        var expected = 0.25 * (1 - p) * (1 - p) * -Math.Log(p) + (3 * locations - 1) * 0.75 * p * p * -Math.Log(1 - p);
        Assert.Equal(1, losses["selector"].item<float>() / expected, 4);
    }

    [Fact]
    public void A_selector_without_hidden_convolutions_is_its_predictor()
    {
        using var scope = NewDisposeScope();
        using var network = (SmallDetectors.FcosPss with { Selector = new() { HiddenConvolutions = 0, Groups = 8 } }).Build(seed: 3);
        var names = network.named_parameters().Select(pair => pair.name).Where(name => name.StartsWith("pss.", StringComparison.Ordinal));
        Assert.Equal(["pss.logit.bias", "pss.logit.weight"], names.Order(StringComparer.Ordinal));
        network.Losses(network.call(SmallDetectors.Images(2)), SmallDetectors.Objects()).Total.backward();
        Assert.All(
            network.named_parameters().Where(pair => pair.name.StartsWith("pss.", StringComparison.Ordinal)),
            pair => Assert.True(pair.parameter.grad!.abs().max().item<float>() > 0));
    }
}
