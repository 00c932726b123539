using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;

namespace StandIns.Tests.Nn;

public sealed class OptimizerTests
{
    [Theory]
    [InlineData(0.0, 0.0, 0.0, false, false)]
    [InlineData(0.9, 0.0, 0.01, false, false)]
    [InlineData(0.9, 0.3, 0.01, false, true)]
    [InlineData(0.9, 0.0, 0.01, true, false)]
    public void Sgd_steps_as_by_hand(double momentum, double dampening, double decay, bool nesterov, bool maximize)
    {
        using var scope = NewDisposeScope();
        var p = nn.Parameter(tensor(new[] { 1.0, -2.0 }));
        using var sgd = optim.SGD([p], 0.1, momentum, dampening, decay, nesterov, maximize);
        var (x, buffer) = (new[] { 1.0, -2.0 }, new double[2]);
        for (var step = 0; step < 4; step++)
        {
            Backward(p);
            sgd.step();
            for (var i = 0; i < 2; i++)
            {
                var g = (2 * x[i]) + (decay * x[i]);
                buffer[i] = step == 0 ? g : (momentum * buffer[i]) + ((1 - dampening) * g);
                var direction = momentum == 0 ? g : nesterov ? g + (momentum * buffer[i]) : buffer[i];
                x[i] += (maximize ? 0.1 : -0.1) * direction;
            }
            AssertNear(x, p);
        }
    }

    [Theory]
    [InlineData(0.0, false)]
    [InlineData(0.05, false)]
    [InlineData(0.05, true)]
    public void AdamW_steps_as_by_hand(double decay, bool amsgrad)
    {
        using var scope = NewDisposeScope();
        var p = nn.Parameter(tensor(new[] { 1.0, -2.0 }));
        using var adam = optim.AdamW([p], 0.1, 0.8, 0.9, 1e-6, decay, amsgrad);
        var (x, m, v, max) = (new[] { 1.0, -2.0 }, new double[2], new double[2], new double[2]);
        for (var step = 1; step <= 4; step++)
        {
            Backward(p);
            adam.step();
            for (var i = 0; i < 2; i++)
            {
                var g = 2 * x[i];
                m[i] = (0.8 * m[i]) + (0.2 * g);
                v[i] = (0.9 * v[i]) + (0.1 * g * g);
                max[i] = Math.Max(max[i], v[i]);
                var spread = Math.Sqrt((amsgrad ? max[i] : v[i]) / (1 - Math.Pow(0.9, step))) + 1e-6;
                x[i] = (x[i] * (1 - (0.1 * decay))) - (0.1 * m[i] / (1 - Math.Pow(0.8, step)) / spread);
            }
            AssertNear(x, p);
        }
    }

    [Fact]
    public void Groups_have_their_own_rates_and_take_the_rest_from_the_optimizer()
    {
        using var scope = NewDisposeScope();
        var (a, b) = (nn.Parameter(ones(1)), nn.Parameter(ones(1)));
        using var sgd = optim.SGD([new SGD.ParamGroup([a], lr: 0.5), new SGD.ParamGroup([b], new SGD.Options { weight_decay = 0 })], 0.1, weight_decay: 1);
        Backward(a, b);
        sgd.step();
        Assert.Equal(0, a.item<float>(), 6); // a group made with values has them all: no decay
        Assert.Equal(0.8, b.item<float>(), 6);
        Assert.Equal([0.5, 0.1], sgd.ParamGroups.Select(g => g.InitialLearningRate));
        foreach (var group in sgd.ParamGroups) group.LearningRate = 0;
        sgd.step();
        Assert.Equal(0.8, b.item<float>(), 6);
    }

    [Fact]
    public void A_group_with_options_of_its_own_steps_as_an_optimizer_with_them()
    {
        using var scope = NewDisposeScope();
        var (p, q) = (nn.Parameter(tensor(new[] { 1.0, -2.0 })), nn.Parameter(tensor(new[] { 1.0, -2.0 })));
        var options = new AdamW.Options { LearningRate = 0.1, beta1 = 0.8, beta2 = 0.9, eps = 1e-6, weight_decay = 0.05, amsgrad = true, maximize = true };
        var group = new AdamW.ParamGroup([q], options);
        using var one = optim.AdamW([p], 0.1, 0.8, 0.9, 1e-6, 0.05, amsgrad: true, maximize: true);
        using var two = optim.AdamW([group], 7);
        Assert.Same(q, group.Parameters.Single());
        Assert.Same(options, group.Options);
        Assert.Same(options, two.state_dict().Options.Single());
        for (var step = 0; step < 3; step++)
        {
            Backward(p, q);
            one.step();
            two.step();
        }
        Assert.Equal(p.bytes.ToArray(), q.bytes.ToArray());
        var (mine, its) = ((AdamW.State)one.state_dict().State.Single(), (AdamW.State)two.state_dict().State.Single());
        Assert.Equal((3, 3), (mine.step, its.step));
        Assert.True(mine.exp_avg.allclose(its.exp_avg) && mine.exp_avg_sq.allclose(its.exp_avg_sq) && mine.max_exp_avg_sq!.allclose(its.max_exp_avg_sq!));
        Assert.True(its.max_exp_avg_sq!.allclose(its.exp_avg_sq)); // the gradients only grow here

        using var three = optim.SGD([p], 0.1, 0.9, 0.2, 0.05, maximize: true);
        using var four = optim.SGD([new SGD.ParamGroup([q],
            new SGD.Options { LearningRate = 0.1, momentum = 0.9, dampening = 0.2, weight_decay = 0.05, nesterov = false, maximize = true })], 7, 0.5);
        Backward(p, q);
        three.step();
        four.step();
        Assert.Equal(p.bytes.ToArray(), q.bytes.ToArray());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_restored_optimizer_goes_on_bit_for_bit(bool adam)
    {
        using var first = Network();
        using var second = Network();
        using var one = Create(first, 0.05);
        using var two = Create(second, 7);
        for (var step = 0; step < 3; step++) Train(first, one, step);

        second.load_state_dict(first.state_dict());
        two.load_state_dict(one.state_dict());
        Assert.Equal(0.05, two.ParamGroups.Single().LearningRate);
        for (var step = 3; step < 6; step++)
        {
            Train(first, one, step);
            Train(second, two, step);
        }
        foreach (var (p, q) in first.parameters().Zip(second.parameters())) Assert.Equal(p.bytes.ToArray(), q.bytes.ToArray());

        OptimizerHelper Create(nn.Module net, double rate)
            => adam ? optim.AdamW(net.parameters(), rate, weight_decay: 0.1) : optim.SGD(net.parameters(), rate, 0.9, weight_decay: 0.1);
    }

    [Fact]
    public void Zero_grad_writes_zeros_and_parameters_without_gradient_stay()
    {
        using var scope = NewDisposeScope();
        var (a, b) = (nn.Parameter(ones(1)), nn.Parameter(ones(1)));
        using var sgd = optim.SGD([a, b], 0.1, 0.9);
        Backward(a);
        sgd.step();
        sgd.zero_grad();
        Assert.Equal(0, a.grad!.item<float>());
        Assert.Null(b.grad);
        Assert.Equal(1, b.item<float>());
        Backward(b);
        sgd.step();
        Assert.Equal(0.8, b.item<float>(), 6);
        Assert.NotNull(((SGD.State)sgd.state_dict().State[1]).momentum_buffer);
    }

    [Fact]
    public void An_optimizer_built_before_a_conversion_does_not_know_the_new_parameters()
    {
        using var net = Network();
        using var sgd = optim.SGD(net.parameters(), 0.1);
        net.@double();
        Assert.Throws<KeyNotFoundException>(() => sgd.step());
    }

    [Fact]
    public void Clipping_scales_all_gradients_to_the_norm()
    {
        using var scope = NewDisposeScope();
        var (a, b) = (nn.Parameter(tensor(new[] { 1.5, 0.0 })), nn.Parameter(tensor(new[] { 2.0 })));
        Backward(a, b); // gradients 3, 0, 4
        Assert.Equal(5, nn.utils.clip_grad_norm_([a, b], 10), 12);
        AssertNear([3, 0], a.grad!);
        Assert.Equal(5, nn.utils.clip_grad_norm_([a, b], 2.5), 12);
        AssertNear([4 * 2.5 / (5 + 1e-6)], b.grad!);
        Assert.Equal(1.5, nn.utils.clip_grad_norm_([a], 9, double.PositiveInfinity), 5);
    }

    [Fact]
    public void A_closure_gives_the_loss_back()
    {
        using var scope = NewDisposeScope();
        var p = nn.Parameter(ones(1));
        using var sgd = optim.SGD([p], 0.1);
        var loss = sgd.step(() =>
        {
            var value = p.square().sum();
            value.backward();
            return value;
        });
        Assert.Equal(1, loss!.item<float>());
        Assert.Equal(0.8, p.item<float>(), 6);
    }

    private static void Backward(params Parameter[] parameters)
    {
        foreach (var p in parameters)
        {
            p.grad = null;
            p.square().sum().backward();
        }
    }

    private static Sequential Network()
    {
        var net = nn.Sequential(nn.Conv2d(2, 4, 3), nn.ReLU(), nn.BatchNorm2d(4), nn.Conv2d(4, 1, 1));
        return net;
    }

    private static void Train(nn.Module<Tensor, Tensor> net, optim.Optimizer optimizer, int step)
    {
        using var scope = NewDisposeScope();
        optimizer.zero_grad();
        net.call((arange(100.0f) + step).sin().reshape(2, 2, 5, 5)).square().mean().backward();
        optimizer.step();
    }

    private static void AssertNear(double[] expected, Tensor actual)
    {
        foreach (var (e, a) in expected.Zip(actual.data<double>().ToArray())) Assert.Equal(e, a, 12);
    }
}
