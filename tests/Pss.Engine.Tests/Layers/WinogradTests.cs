using Pss.Engine.Detectors;
using Pss.Engine.Tests.Detectors;
using TorchSharp;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Layers;

public sealed class WinogradTests
{
    // Wide enough for the algorithm to be taken in head, selector and pyramid; sizes that are no multiple of its tiles.
    private static readonly DetectorOptions Wide = SmallDetectors.Small(DetectorOptions.FcosPss(80)) with { Pyramid = new() { Channels = 128 } };

    [Theory]
    [InlineData(1, 144, 200)]
    [InlineData(3, 96, 72)]
    [InlineData(2, 33, 31)]
    public void In_double_precision_the_outputs_are_those_of_the_direct_sum(int images, int height, int width)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var network = Wide.Build(seed: 3);
        network.eval();
        network.to(ScalarType.Float64);
        using var generator = new Generator(4);
        var input = randn([images, 3, height, width], ScalarType.Float64, generator: generator);
        var direct = network.call(input);
        network.UseWinograd();
        var fast = network.call(input);
        foreach (var (a, b) in Pairs(direct, fast))
            Assert.InRange((a - b).abs().max().item<double>(), 0, 1e-10 * (1 + a.abs().max().item<double>()));
    }

    [Fact]
    public void In_single_precision_the_large_convolutions_are_computed_otherwise_and_alike()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var network = Wide.Build(seed: 3);
        network.eval();
        using var generator = new Generator(5);
        var input = randn([2, 3, 128, 160], generator: generator);
        var direct = network.call(input);
        network.UseWinograd();
        foreach (var (a, b) in Pairs(direct, network.call(input)))
        {
            // Not zero: otherwise the algorithm was not taken.
            var difference = (a - b).abs().max().item<float>();
            Assert.InRange(difference / (1 + a.abs().max().item<float>()), float.Epsilon, 1e-4f);
        }
    }

    [Fact]
    public void Nothing_is_left_of_it()
    {
        var before = LiveTensors.OfThread;
        using (var scope = NewDisposeScope())
        using (var network = Wide.Build(seed: 3))
        {
            network.eval();
            network.UseWinograd();
            network.UseWinograd();
            network.call(zeros(1, 3, 64, 96));
        }
        Assert.Equal(before, LiveTensors.OfThread);
    }

    private static IEnumerable<(Tensor Direct, Tensor Fast)> Pairs(HeadOutputs direct, HeadOutputs fast) =>
    [
        (direct.ClassLogits, fast.ClassLogits), (direct.Boxes, fast.Boxes), (direct.QualityLogits!, fast.QualityLogits!), (direct.SelectorLogits!, fast.SelectorLogits!),
    ];
}
