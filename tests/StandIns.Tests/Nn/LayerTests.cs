using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace StandIns.Tests.Nn;

public sealed class LayerTests
{
    [Fact]
    public void Group_norm_is_not_a_number_until_it_is_initialised()
    {
        using var scope = NewDisposeScope();
        using var norm = nn.GroupNorm(2, 4);
        Assert.True(norm.weight.isnan().all().item<bool>());
        Assert.True(norm.bias!.isnan().all().item<bool>());
        nn.init.ones_(norm.weight);
        nn.init.zeros_(norm.bias);
        var y = norm.call(arange(32.0f).reshape(2, 4, 2, 2)).reshape(4, 8);
        Assert.True(y.mean([1]).abs().max().item<float>() < 1e-6);
        Assert.True((y.square().mean([1]) - 1).abs().max().item<float>() < 1e-5);
        Assert.Throws<ArgumentException>(() => norm.call(zeros(4, 4)));
    }

    [Fact]
    public void Batch_norm_keeps_running_statistics_in_training_and_uses_them_in_evaluation()
    {
        using var scope = NewDisposeScope();
        using var norm = nn.BatchNorm2d(1);
        var x = tensor(new[] { 1f, 2f, 3f, 6f }).reshape(1, 1, 2, 2); // mean 3, biased variance 3.5, unbiased 14/3
        var y = norm.call(x);
        Assert.Equal(3 / Math.Sqrt(3.5 + 1e-5), y.max().item<float>(), 5);
        Assert.Equal(0.3, norm.running_mean!.item<float>(), 6);
        Assert.Equal(0.9 + (0.1 * 14 / 3), norm.running_var!.item<float>(), 6);
        Assert.Equal(1, norm.num_batches_tracked!.item<long>());

        norm.eval();
        var z = norm.call(x);
        Assert.Equal((6 - 0.3) / Math.Sqrt(0.9 + (1.4 / 3) + 1e-5), z.max().item<float>(), 5);
        Assert.Equal(1, norm.num_batches_tracked.item<long>());
        Assert.Throws<ArgumentException>(() => norm.call(zeros(1, 1, 2)));

        norm.train();
        norm.momentum = null;
        norm.reset_running_stats();
        norm.call(x);
        norm.call(x + 1);
        Assert.Equal(3.5, norm.running_mean!.item<float>(), 6);
    }

    [Fact]
    public void Convolution_starts_within_the_bounds_of_its_fan_in()
    {
        using var scope = NewDisposeScope();
        using var conv = nn.Conv2d(16, 32, 3);
        var bound = 1 / Math.Sqrt(16 * 9);
        foreach (var values in new[] { conv.weight, conv.bias! })
        {
            var largest = values.abs().max().item<float>();
            Assert.InRange(largest, 0.8 * bound, bound);
        }
        Assert.True(conv.weight.requires_grad && conv.weight.is_leaf);
        using var plain = nn.Conv2d(4, 8, (3, 1), (2, 1), (1, 0), groups: 2, bias: false);
        Assert.Null(plain.bias);
        Assert.Equal([8, 2, 3, 1], plain.weight.shape);
        Assert.Equal([1, 8, 3, 5], plain.call(zeros(1, 4, 5, 5)).shape);
        Assert.Throws<ArgumentException>(() => plain.call(zeros(1, 3, 5, 5)));
    }

    [Theory]
    [InlineData(PaddingModes.Zeros)]
    [InlineData(PaddingModes.Reflect)]
    [InlineData(PaddingModes.Replicate)]
    public void Convolution_pads_as_told(PaddingModes mode)
    {
        using var scope = NewDisposeScope();
        using var conv = nn.Conv2d(1, 1, 3, padding: 1, padding_mode: mode, bias: false);
        using var same = nn.Conv2d(1, 1, 3, Padding.Same, padding_mode: mode, bias: false);
        nn.init.ones_(conv.weight);
        nn.init.ones_(same.weight);
        var y = conv.call(arange(9.0f).reshape(1, 1, 3, 3));
        var corner = mode switch { PaddingModes.Reflect => 4 + 3 + 4 + 1 + 0 + 1 + 4 + 3 + 4, PaddingModes.Replicate => 0 + 0 + 1 + 0 + 0 + 1 + 3 + 3 + 4, _ => 8f };
        Assert.Equal(corner, y[0, 0, 0, 0].item<float>());
        Assert.True(y.Equals(same.call(arange(9.0f).reshape(1, 1, 3, 3))));
    }

    [Fact]
    public void Sequential_passes_through_and_disposes_what_lies_between()
    {
        using var scope = NewDisposeScope();
        var spy = new Spy();
        using var net = nn.Sequential(nn.ReLU(), spy, nn.MaxPool2d(2), nn.Identity());
        var x = tensor(new[] { -1f, 2f, 3f, 4f }).reshape(1, 1, 2, 2);
        Assert.Equal(4, net.call(x).item<float>());
        Assert.False(x.IsInvalid);
        Assert.True(spy.Seen!.IsInvalid);
        Assert.Equal(4, net.Count);
        using var empty = nn.Sequential();
        Assert.Equal(9, empty.append(nn.Identity()).call(x + x + x).max().item<float>() - 3);
    }

    [Fact]
    public void Relu_in_place_writes_into_its_input()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { -1f, 2f });
        F.relu(x, inplace: true);
        Assert.Equal([0f, 2f], x.data<float>().ToArray());
    }

    [Fact]
    public void Interpolate_takes_sizes_or_factors()
    {
        using var scope = NewDisposeScope();
        var x = arange(4.0f).reshape(1, 1, 2, 2);
        Assert.Equal([0f, 0, 1, 1], F.interpolate(x, scale_factor: [2, 2])[0, 0, 0].data<float>().ToArray());
        Assert.Equal([0f, 1, 2, 3], F.interpolate(x, [2, 2], mode: InterpolationMode.Bilinear).flatten().data<float>().ToArray());
        Assert.Equal([0f, 0.5f, 1], F.interpolate(x, [3, 3], mode: InterpolationMode.Bilinear, align_corners: true)[0, 0, 0].data<float>().ToArray());
        Assert.Equal([1.5f], F.interpolate(x, [1, 1], mode: InterpolationMode.Bilinear, antialias: true).flatten().data<float>().ToArray());
        Assert.Equal([1, 1, 3, 3], F.interpolate(x, scale_factor: [1.7, 1.7], recompute_scale_factor: true).shape);
    }

    [Fact]
    public void One_hot_counts_its_classes()
    {
        using var scope = NewDisposeScope();
        Assert.Equal([0L, 1, 0, 1, 0, 0], F.one_hot(tensor(new[] { 1L, 0L }), 3).flatten().data<long>().ToArray());
    }

    [Fact]
    public void Initialisers_reach_their_spread()
    {
        using var scope = NewDisposeScope();
        var t = empty(64, 32, 3, 3);
        Assert.Same(t, nn.init.constant_(t, 2));
        Assert.Equal(2, t.min().item<float>());
        // Six deviations of the estimate on either side: the generator is not seeded here.
        Assert.InRange(nn.init.normal_(t, 0, 0.5).std().item<float>(), 0.484f, 0.516f);
        Assert.Equal(Math.Sqrt(2.0 / (64 * 9)), nn.init.kaiming_normal_(t, 0, nn.init.FanInOut.FanOut, nn.init.NonlinearityType.ReLU).std().item<float>(), 2);
        Assert.InRange(nn.init.kaiming_uniform_(t, 1).abs().max().item<float>(), 0.95 * Math.Sqrt(3.0 / (32 * 9)), Math.Sqrt(3.0 / (32 * 9)));
        Assert.InRange(nn.init.xavier_uniform_(t).abs().max().item<float>(), 0.95 * Math.Sqrt(6.0 / (96 * 9)), Math.Sqrt(6.0 / (96 * 9)));
        Assert.Throws<ArgumentException>(() => nn.init.kaiming_normal_(zeros(3)));
    }

    private sealed class Spy : nn.Module<Tensor, Tensor>
    {
        internal Spy() : base("Spy")
        {
        }

        internal Tensor? Seen { get; private set; }

        public override Tensor forward(Tensor input) => (Seen = input).alias();
    }
}
