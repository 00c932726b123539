using System.Runtime.InteropServices;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace StandIns.Tests.Torch;

public sealed class AutogradTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Gradients_flow_accumulate_and_can_be_cleared()
    {
        var x = tensor(new[] { 1f, 2f, 3f }, requires_grad: true);
        Assert.Null(x.grad);
        (x * x).sum().backward();
        Assert.Equal([2f, 4, 6], x.grad!.data<float>().ToArray());
        (x * 3).sum().backward();
        Assert.Equal([5f, 7, 9], x.grad!.data<float>().ToArray());
        x.grad = null;
        Assert.Null(x.grad);
        x.grad = ones(3);
        Assert.Equal(3f, x.grad.sum().ToSingle());
    }

    [Fact]
    public void A_graph_lives_once_unless_retained()
    {
        var x = tensor(new[] { 2f }, requires_grad: true);
        var y = (x * x * x).sum();
        y.backward(retain_graph: true);
        y.backward(retain_graph: true);
        Assert.Equal(24f, x.grad!.item<float>());
        y.backward();
        var error = Assert.Throws<ExternalException>(() => y.backward());
        Assert.Contains("second time", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Given_gradients_weigh_the_outputs()
    {
        var x = tensor(new[] { 1f, 2f }, requires_grad: true);
        var y = x * 10;
        y.backward([tensor(new[] { 0.5f, 2f })], retain_graph: true);
        Assert.Equal([5f, 20], x.grad!.data<float>().ToArray());
        autograd.backward([y, y], [ones(2), ones(2)]);
        Assert.Equal([25f, 40], x.grad!.data<float>().ToArray());
    }

    [Fact]
    public void Grad_returns_gradients_and_leaves_no_trace()
    {
        var x = tensor(new[] { 3.0 }, requires_grad: true);
        var unused = ones(1, requires_grad: true);
        var first = autograd.grad([(x * x * x).sum()], [x], create_graph: true, retain_graph: true)[0];
        Assert.Equal(27.0, first.item<double>());
        Assert.Equal(18.0, autograd.grad([first.sum()], [x])[0].item<double>());
        Assert.Null(x.grad);
        Assert.Null(autograd.grad([x.sum()], [x, unused], allow_unused: true)[1]);
        Assert.Throws<ExternalException>(() => autograd.grad([x.sum()], [unused]));
    }

    [Fact]
    public void Modes_nest_and_end()
    {
        var x = ones(1, requires_grad: true);
        using (no_grad())
        {
            Assert.False((x * 2).requires_grad);
            using (enable_grad()) Assert.True((x * 2).requires_grad);
            Assert.False(is_grad_enabled());
        }

        using (set_grad_enabled(false)) Assert.False((x * 2).requires_grad);
        Assert.True((x * 2).requires_grad);
        Tensor inference;
        using (inference_mode())
        {
            Assert.True(is_inference_mode_enabled());
            inference = x * 2;
        }

        Assert.False(is_inference_mode_enabled());
        Assert.False(inference.requires_grad);
        Assert.Throws<ExternalException>(() => x * inference);
    }

    [Fact]
    public void Leaves_and_detaching()
    {
        var x = ones(2, requires_grad: true);
        var y = x * 2;
        Assert.True(x.is_leaf);
        Assert.False(y.is_leaf);
        Assert.False(y.detach().requires_grad);
        y.retain_grad();
        y.sum().backward();
        Assert.Equal(2f, y.grad!.sum().ToSingle());
        Assert.Throws<ExternalException>(() => x.add_(1));
        Assert.True(zeros(1).requires_grad_().requires_grad);
    }

    [Fact]
    public void Topk_gather_and_friends_match_finite_differences()
    {
        using var generator = new Generator(5);
        var weight = randn([4, 3], ScalarType.Float64, generator: generator);
        var index = tensor(new[,] { { 2L, 0L }, { 1L, 1L }, { 0L, 2L }, { 2L, 2L } });
        Check(randn([4, 6], ScalarType.Float64, generator: generator), x =>
        {
            var (values, _) = x.topk(3, 1);
            var picked = values.sigmoid().gather(1, index).exp();
            var rows = x[TensorIndex.Colon, 1..4] * weight;
            var masked = rows.masked_fill(rows < 0, 0).logsumexp(1);
            return picked.sum() + masked.prod() + (x.matmul(weight.t()[0..3].t().t().matmul(weight.t()[0..3, 0..4].t()).repeat(1, 2)[0..3].t())).tanh().mean();
        });
    }

    private static void Check(Tensor x, Func<Tensor, Tensor> function)
    {
        const double step = 1e-6;
        x.requires_grad_();
        function(x).backward();
        var analytic = x.grad!.flatten().data<double>().ToArray();
        using var plain = no_grad();
        for (var i = 0; i < analytic.Length; i++)
        {
            var numeric = (At(i, step) - At(i, -step)) / (2 * step);
            Assert.Equal(numeric, analytic[i], 1e-7 * Math.Max(1, Math.Abs(numeric)));
        }

        double At(int element, double delta)
        {
            var moved = x.detach().clone();
            moved.view(-1)[element].add_(delta);
            return function(moved).item<double>();
        }
    }
}
