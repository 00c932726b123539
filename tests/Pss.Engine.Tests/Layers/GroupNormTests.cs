using Pss.Engine.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Layers;

public sealed class GroupNormTests
{
    [Theory]
    [InlineData(2, 64, 12, 10, 32)]
    [InlineData(3, 128, 5, 7, 32)]
    [InlineData(1, 6, 1, 2, 2)]
    [InlineData(2, 8, 4, 4, 8)]
    public void Gradients_of_narrow_groups_on_channels_last_maps_are_those_of_libtorch(long images, long channels, long height, long width, long groups)
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        // An offset far above the spread, which loses digits where means are subtracted late.
        var maps = randn(images, channels, height, width).Plus(20).ToChannelsLast();
        var gradient = randn(images, channels, height, width).ToChannelsLast();
        Tensor[] values = [randn(channels), randn(channels)];
        Assert.True(GroupNormFunction.Suits(maps, groups));

        var ours = Run(values, maps, gradient, groups, new BackwardFailure());
        var exact = Run([.. values.Select(value => value.to(ScalarType.Float64))], maps.to(ScalarType.Float64), gradient.to(ScalarType.Float64), groups, null);
        Assert.Equal(nn.functional.group_norm(maps, groups, values[0], values[1], 1e-5).data<float>(), ours[0].data<float>());
        foreach (var (own, other) in ours.Zip(exact).Skip(1))
            Assert.InRange((own.to(ScalarType.Float64) - other).abs().max().item<double>(), 0, 2e-5 * Math.Max(1, other.abs().max().item<double>()));
    }

    [Fact]
    public void Other_maps_and_groups_are_left_to_libtorch()
    {
        using var scope = NewDisposeScope();
        var maps = zeros(2, 64, 4, 4);
        Assert.True(GroupNormFunction.Suits(maps.ToChannelsLast(), 32));
        Assert.False(GroupNormFunction.Suits(maps.ToChannelsLast(), 8));
        Assert.False(GroupNormFunction.Suits(maps, 32));
        Assert.False(GroupNormFunction.Suits(maps.ToChannelsLast().to(ScalarType.BFloat16), 32));
    }

    [Fact]
    public void Without_gradients_nothing_is_kept()
    {
        using var scope = NewDisposeScope();
        using var norm = new GroupNorm(32, 64);
        norm.UseChannelsLast(new BackwardFailure());
        using var _ = no_grad();
        Assert.False(norm.call(randn(1, 64, 4, 4).ToChannelsLast()).requires_grad);
    }

    [Fact]
    public void What_goes_wrong_in_the_backward_pass_can_be_caught_after_it()
    {
        using var scope = NewDisposeScope();
        var failure = new BackwardFailure();
        var weight = ones(64).requires_grad_(true);
        var output = GroupNormFunction.Normalize(randn(1, 64, 4, 4).ToChannelsLast().requires_grad_(true), weight, zeros(64), 32, 1e-5, failure);
        // Autograd refuses to hand out a tensor that has changed since it was kept.
        using (no_grad())
            weight.add_(1);
        output.sum().backward();
        Assert.ThrowsAny<Exception>(failure.Throw);
        failure.Throw();
        Assert.Equal(0, weight.grad!.abs().sum().item<float>());
    }

    [Fact]
    public void Nothing_is_left_of_it()
    {
        var before = LiveTensors.OfThread;
        for (var i = 0; i < 5; i++)
        {
            using var scope = NewDisposeScope();
            Run([ones(64), zeros(64)], randn(1, 64, 4, 4).ToChannelsLast(), randn(1, 64, 4, 4).ToChannelsLast(), 32, new BackwardFailure());
        }
        Assert.Equal(before, LiveTensors.OfThread);
    }

    /// <summary>Output and the gradients of maps, scale and shift.</summary>
    private static Tensor[] Run(Tensor[] values, Tensor maps, Tensor gradient, long groups, BackwardFailure? failure)
    {
        var (weight, bias, input) = (values[0].clone().requires_grad_(true), values[1].clone().requires_grad_(true), maps.clone().requires_grad_(true));
        var output = failure is null
            ? nn.functional.group_norm(input, groups, weight, bias, 1e-5)
            : GroupNormFunction.Normalize(input, weight, bias, groups, 1e-5, failure);
        output.backward([gradient]);
        failure?.Throw();
        return [output, input.grad!, weight.grad!, bias.grad!];
    }
}
