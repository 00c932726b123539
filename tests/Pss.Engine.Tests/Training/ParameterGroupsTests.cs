using Pss.Engine.Training;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Training;

public sealed class ParameterGroupsTests
{
    [Fact]
    public void By_default_all_parameters_are_treated_alike()
        => Assert.All(Groups(new()).Values, group => Assert.Equal((1, 1e-4), (group.RateFactor, group.WeightDecay)));

    [Fact]
    public void The_last_beginning_that_matches_gives_the_factor()
    {
        var groups = Groups(new() { BackboneRateFactor = 0.1, LayerRateFactors = [new("head.", 2), new("backbone.stage4.", 0.5), new("head.class_logits.", 3)] });
        Assert.Equal(0.1, groups["backbone.stem.conv.weight"].RateFactor);
        Assert.Equal(0.5, groups.First(group => group.Key.StartsWith("backbone.stage4.", StringComparison.Ordinal)).Value.RateFactor);
        Assert.Equal(3, groups["head.class_logits.weight"].RateFactor);
        Assert.Equal(2, groups["head.boxes.weight"].RateFactor);
        Assert.Equal(1, groups["pss.logit.weight"].RateFactor);
    }

    [Fact]
    public void The_selector_has_a_factor_of_its_own_which_a_beginning_replaces()
    {
        var groups = Groups(new() { SelectorRateFactor = 3, LayerRateFactors = [new("pss.logit.", 5)] });
        Assert.Equal(5, groups["pss.logit.weight"].RateFactor);
        Assert.All(groups.Where(group => group.Key.StartsWith("pss.tower.", StringComparison.Ordinal)), group => Assert.Equal(3, group.Value.RateFactor));
        Assert.All(groups.Where(group => !group.Key.StartsWith("pss.", StringComparison.Ordinal)), group => Assert.Equal(1, group.Value.RateFactor));
    }

    [Fact]
    public void Without_decay_of_norms_and_biases_kernels_alone_decay()
    {
        var groups = Groups(new() { DecayNormsAndBiases = false, WeightDecay = 0.05 });
        Assert.Equal(0.05, groups["head.class_logits.weight"].WeightDecay);
        Assert.All(
            groups.Where(group => group.Key.Contains("norm", StringComparison.Ordinal) || group.Key.EndsWith(".bias", StringComparison.Ordinal)),
            group => Assert.Equal(0, group.Value.WeightDecay));
        Assert.Contains(groups, group => group.Key.Contains("norm", StringComparison.Ordinal));
    }

    [Fact]
    public void A_beginning_that_matches_nothing_is_named_with_those_there_are()
    {
        var before = LiveTensors.OfThread;
        var error = Assert.Throws<ArgumentException>(() => TinyDetector.Trainer(TinyDetector.Training with { LayerRateFactors = [new("neck.", 2)] })
            .Train(new TinyDetector.Squares(4), TinyDetector.Classes));
        Assert.Contains("starts with 'neck.'. Names start with backbone., ", error.Message);
        Assert.Contains("pss.", error.Message);
        Assert.Equal(before, LiveTensors.OfThread);
    }

    [Theory]
    [InlineData(OptimizerKind.Sgd)]
    [InlineData(OptimizerKind.AdamW)]
    public void A_factor_of_0_keeps_the_backbone_as_it_is(OptimizerKind optimizer)
    {
        var training = TinyDetector.Training with { Optimizer = optimizer, BackboneRateFactor = 0, WeightDecay = 0.1 };
        training = training with { Schedule = new() { Epochs = 1, DecayEpochs = [], WarmUpSteps = 0 } };
        using var network = TinyDetector.Options.Build((ulong)training.Seed);
        var trained = TinyDetector.Trainer(training).Train(new TinyDetector.Squares(4), TinyDetector.Classes);
        foreach (var (name, parameter) in network.named_parameters())
        {
            var same = parameter.data<float>().ToArray().SequenceEqual(trained.Weights[name].ToSingles());
            Assert.True(same == name.StartsWith("backbone.", StringComparison.Ordinal), name);
        }
    }

    private static Dictionary<string, TrainedParameter> Groups(TrainingOptions options)
    {
        using var scope = NewDisposeScope();
        using var network = TinyDetector.Options.Build(3);
        return network.named_parameters().Select(named => named.name).Zip(ParameterGroups.Create(network, options)).ToDictionary(pair => pair.First, pair => pair.Second);
    }
}
