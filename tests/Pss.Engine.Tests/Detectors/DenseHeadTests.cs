using Pss.Engine.Detectors;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Detectors;

public sealed class DenseHeadTests
{
    [Fact]
    public void Every_class_starts_at_a_probability_of_one_in_a_hundred()
    {
        using var scope = NewDisposeScope();
        using var network = SmallDetectors.FcosPss.Build(seed: 1);
        var bias = network.named_parameters().Single(item => item.name.EndsWith("class_logits.bias", StringComparison.Ordinal)).parameter;
        OracleTensors.Close(full(3, 0.01f), bias.sigmoid(), 1e-6);
    }

    [Fact]
    public void The_scale_of_a_level_multiplies_its_distances()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var network = SmallDetectors.Small(DetectorOptions.Fcos(3)).Build(seed: 1);
        network.eval();
        var before = network.call(SmallDetectors.Images(1)).Boxes;
        network.named_parameters().Single(item => item.name.EndsWith("scales", StringComparison.Ordinal)).parameter[0].fill_(3);
        var after = network.call(SmallDetectors.Images(1)).Boxes;
        // The finest level has 16 x 16 of the locations.
        Assert.True(before.narrow(1, 0, 256).max().item<float>() > 0);
        OracleTensors.Close(before.narrow(1, 0, 256) * 3, after.narrow(1, 0, 256), 1e-5);
        OracleTensors.Close(before.narrow(1, 256, 85), after.narrow(1, 256, 85), 1e-6);
    }

    [Fact]
    public void The_least_weights_are_those_of_the_convolutions_between_equal_channels()
    {
        // Blocks of 8, 16, 32 and 64 channels; 4 convolutions of the pyramid, 3 in each of two towers and 2 of the selector, of 16 channels; 3 classes.
        var options = SmallDetectors.FcosPss with { Head = SmallDetectors.FcosPss.Head with { Convolutions = 3 }, Selector = new() { HiddenConvolutions = 2 } };
        Assert.Equal(9 * (64 + 256 + 1024 + 4096 + 12 * 256 + 3 * 16), options.LeastWeights);
        Assert.Equal(9 * (64 + 256 + 1024 + 4096 + 10 * 256 + 3 * 16), (options with { Selector = null }).LeastWeights);
    }
}
