using Pss.Engine.Detectors;
using Pss.Engine.Layers;
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

    [Theory]
    [InlineData(1, 4, 4)]
    [InlineData(3, 13, 18)]
    [InlineData(2, 40, 31)]
    public void In_double_precision_the_gradients_are_those_of_the_direct_sum(int images, int height, int width)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(6);
        var maps = randn([images, 5, height, width], ScalarType.Float64, generator: generator).requires_grad_(true);
        var weight = randn([7, 5, 3, 3], ScalarType.Float64, generator: generator).requires_grad_(true);
        var gradient = randn([images, 7, height, width], ScalarType.Float64, generator: generator);
        var direct = nn.functional.conv2d(maps, weight, padding: [1, 1]);
        direct.backward([gradient]);
        using var _ = no_grad();
        Same(direct, Winograd.Convolve(maps, Winograd.Transform(weight)));
        Same(maps.grad!, Winograd.GradientOfMaps(gradient, weight));
        Same(weight.grad!, Winograd.GradientOfWeight(maps, gradient));

        static void Same(Tensor expected, Tensor actual) =>
            Assert.InRange((expected - actual).abs().max().item<double>(), 0, 1e-11 * (1 + expected.abs().max().item<double>()));
    }

    [Fact]
    public void A_training_has_the_same_gradients_but_for_rounding()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(7);
        var input = randn([6, 3, 128, 160], generator: generator);
        var (direct, fast) = (Gradients(winograd: false), Gradients(winograd: true));
        var largest = 0f;
        foreach (var (name, expected) in direct)
        {
            // Sums over all locations of both signs: the rounding is that of the summands, not of what is left.
            var difference = (expected - fast[name]).norm().item<float>() / (1e-3f + expected.norm().item<float>());
            Assert.True(difference < 1e-3f, $"{name}: {difference}");
            largest = Math.Max(largest, difference);
        }
        // Not zero: otherwise the algorithm was not taken.
        Assert.True(largest > 0);

        Dictionary<string, Tensor> Gradients(bool winograd)
        {
            using var network = Wide.Build(seed: 3);
            network.UseChannelsLast();
            if (winograd)
                network.UseWinogradInTraining();
            network.train();
            var outputs = network.call(input);
            (outputs.ClassLogits.Power(2).sum() + outputs.Boxes.sum() + outputs.QualityLogits!.sum() + outputs.SelectorLogits!.sum()).backward();
            return network.named_parameters().Where(pair => pair.parameter.grad is not null).ToDictionary(pair => pair.name, pair => pair.parameter.grad!.clone());
        }
    }

    [Fact]
    public void Of_a_training_by_it_nothing_is_left()
    {
        var weight = zeros(128, 128, 3, 3).requires_grad_(true);
        var failure = new BackwardFailure();
        Step();
        var before = LiveTensors.OfThread;
        for (var i = 0; i < 5; i++)
            Step();
        Assert.Equal(before, LiveTensors.OfThread);
        weight.Dispose();

        void Step()
        {
            using var scope = NewDisposeScope();
            weight.grad = null;
            var maps = ones(1, 128, 40, 48);
            Assert.True(WinogradFunction.Suits(maps, weight));
            // The maps need no gradient: none is computed.
            WinogradFunction.Call(maps, weight, null, failure).sum().backward();
            Assert.NotNull(weight.grad);
        }
    }

    [Fact]
    public void What_goes_wrong_in_the_backward_pass_can_be_caught_after_it()
    {
        using var scope = NewDisposeScope();
        var failure = new BackwardFailure();
        var weight = zeros(128, 128, 3, 3).requires_grad_(true);
        var maps = ones(1, 128, 40, 48).requires_grad_(true);
        var output = WinogradFunction.Call(maps, weight, null, failure);
        // Autograd refuses to hand out a tensor that has changed since it was kept.
        using (no_grad())
            weight.add_(1);
        output.sum().backward();
        Assert.ThrowsAny<Exception>(failure.Throw);
        failure.Throw();
        Assert.Equal(0, weight.grad!.abs().sum().item<float>());
    }

    private static IEnumerable<(Tensor Direct, Tensor Fast)> Pairs(HeadOutputs direct, HeadOutputs fast) =>
    [
        (direct.ClassLogits, fast.ClassLogits), (direct.Boxes, fast.Boxes), (direct.QualityLogits!, fast.QualityLogits!), (direct.SelectorLogits!, fast.SelectorLogits!),
    ];
}
