using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace StandIns.Tests.Torch;

[Collection(AloneCollection.Name)]
public sealed class ProcessTests
{
    [Fact]
    public void Two_thousand_iterations_leave_nothing_behind()
    {
        Step();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = Tensor.TotalCount;
        for (var i = 0; i < 2000; i++) Step();
        Assert.Equal(before, Tensor.TotalCount);
        Assert.True(Tensor.PeakCount > before);

        static void Step()
        {
            using var scope = NewDisposeScope();
            var x = ones([8], requires_grad: true);
            var y = (x[1..5] * 2).topk(2).values.sum();
            y.backward();
            _ = x.grad!.unique().output;
        }
    }

    [Fact]
    public void A_tensor_that_was_never_disposed_is_collected()
    {
        Collect();
        var before = Tensor.TotalCount;
        Leak();
        Assert.Equal(before + 100, Tensor.TotalCount);
        Collect();
        Assert.Equal(before, Tensor.TotalCount);

        static void Leak()
        {
            for (var i = 0; i < 100; i++) ones(10);
        }

        static void Collect()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    [Fact]
    public void A_seed_and_a_state_repeat_the_numbers()
    {
        using var scope = NewDisposeScope();
        manual_seed(7);
        var first = rand(5);
        var state = get_rng_state();
        var second = randn(5);
        set_rng_state(state);
        Assert.Equal(second, randn(5));
        manual_seed(7);
        Assert.Equal(first, rand(5));
        Assert.Equal(7, initial_seed());
        using var generator = new Generator(7);
        Assert.Equal(first, rand(5, generator: generator));
        var saved = generator.get_state();
        var third = randint(1000, [5], generator: generator);
        generator.set_state(saved);
        Assert.Equal(third, randint(1000, [5], generator: generator));
        Assert.Equal(first, rand(5, generator: generator.manual_seed(7)));
    }

    [Fact]
    public void Threads_and_determinism_are_settings()
    {
        var threads = get_num_threads();
        set_num_threads(2);
        Assert.Equal(2, get_num_threads());
        set_num_threads(threads);
        using (use_deterministic_algorithms()) Assert.True(are_deterministic_algorithms_enabled());
        Assert.False(are_deterministic_algorithms_enabled());
    }

    [Fact]
    public void Ten_threads_compute_at_once()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = Tensor.TotalCount;
        var results = new double[10];
        var threads = Enumerable.Range(0, 10).Select(t => new Thread(() => results[t] = Work(t))).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        Assert.Equal(Enumerable.Range(0, 10).Select(Work), results);
        Assert.Equal(before, Tensor.TotalCount);

        static double Work(int seed)
        {
            using var scope = NewDisposeScope();
            using var generator = new Generator((ulong)seed);
            var x = randn([16, 16], ScalarType.Float64, generator: generator).requires_grad_();
            for (var i = 0; i < 20; i++)
            {
                using var step = NewDisposeScope();
                x.matmul(x.t()).sigmoid().sum().backward();
                using var frozen = no_grad();
                x.sub_(x.grad! * 0.01);
            }

            return x.sum().item<double>();
        }
    }
}
