using Pss.Engine.Training;
using Pss.Engine.Weights;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Training;

public sealed class AdamWOptimizerTests
{
    private const int Steps = 8;

    [Theory]
    [InlineData(0.9, 0.999, 1e-8, 0.05)]
    [InlineData(0.8, 0.95, 1e-3, 0)]
    [InlineData(0, 0.5, 1e-8, 0.5)]
    public void Its_steps_are_those_of_TorchSharp(double beta1, double beta2, double epsilon, double decay)
    {
        using var scope = NewDisposeScope();
        var (ours, theirs) = (Parameters(), Parameters());
        using var optimizer = new AdamWOptimizer(Trained(ours, decay), beta1, beta2, epsilon);
        using var reference = optim.AdamW(theirs, 1, beta1, beta2, epsilon, weight_decay: decay);
        var start = Values(ours);
        for (var step = 0; step < Steps; step++)
        {
            var rate = 0.1 / (step + 1);
            Backward(ours, step);
            Backward(theirs, step);
            optimizer.Step(rate);
            foreach (var group in reference.ParamGroups)
                group.LearningRate = rate;
            reference.step();
            Assert.All(Values(theirs).Zip(Values(ours)), pair => Assert.Equal(pair.First, pair.Second, 1e-6 * Math.Max(1, Math.Abs(pair.First))));
            optimizer.ClearGradients();
            reference.zero_grad();
        }
        Assert.All(start.Zip(Values(ours)), pair => Assert.NotEqual(pair.First, pair.Second));
    }

    [Fact]
    public void The_first_step_moves_each_weight_by_the_rate_against_its_gradient()
    {
        using var scope = NewDisposeScope();
        var parameter = new Parameter(tensor([1f, -2f, 3f]));
        using var optimizer = new AdamWOptimizer(Trained([parameter], 0), 0.9, 0.999, 1e-8);
        (parameter * tensor([5f, -0.01f, 200f])).sum().backward();
        optimizer.Step(0.25);
        Assert.All(parameter.data<float>().ToArray().Zip([0.75f, -1.75f, 2.75f]), pair => Assert.Equal(pair.Second, pair.First, 1e-6f));
    }

    [Fact]
    public void A_parameter_whose_gradient_comes_late_starts_then()
    {
        using var scope = NewDisposeScope();
        var (late, early) = (new Parameter(ones(1)), new Parameter(ones(1)));
        using var optimizer = new AdamWOptimizer(Trained([late, early], 0), 0.9, 0.999, 1e-8);
        for (var step = 0; step < 3; step++)
        {
            early.sum().backward();
            optimizer.Step(0.1);
            optimizer.ClearGradients();
        }
        Assert.Equal(1, late.data<float>()[0]);
        late.sum().backward();
        optimizer.Step(0.1);
        Assert.Equal(0.9f, late.data<float>()[0], 1e-6f);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void Restored_it_goes_on_to_the_same_bits(int stopAfter)
    {
        using var scope = NewDisposeScope();
        var (whole, first, second) = (Parameters(), Parameters(), Parameters());
        using var undisturbed = new AdamWOptimizer(Trained(whole, 0.05), 0.9, 0.999, 1e-8);
        Run(undisturbed, whole, 0, Steps);
        using var before = new AdamWOptimizer(Trained(first, 0.05), 0.9, 0.999, 1e-8);
        Run(before, first, 0, stopAfter);
        using var after = new AdamWOptimizer(Trained(second, 0.05), 0.9, 0.999, 1e-8);
        after.Restore(new WeightFile(before.State()));
        using (no_grad())
        {
            foreach (var (target, source) in second.Zip(first))
                target.copy_(source);
        }
        Run(after, second, stopAfter, Steps);
        Assert.Equal(Values(whole), Values(second));

        static void Run(AdamWOptimizer optimizer, Parameter[] parameters, int from, int to)
        {
            for (var step = from; step < to; step++)
            {
                Backward(parameters, step);
                optimizer.Step(0.1);
                optimizer.ClearGradients();
            }
        }
    }

    private static TrainedParameter[] Trained(Parameter[] parameters, double decay) => [.. parameters.Select(parameter => new TrainedParameter(parameter, 1, decay))];

    private static Parameter[] Parameters()
    {
        using var generator = new Generator(5);
        return [new(randn([3, 7], generator: generator)), new(randn([11], generator: generator))];
    }

    // Another gradient each step, and one that is not linear in the parameters.
    private static void Backward(Parameter[] parameters, int step)
    {
        foreach (var parameter in parameters)
            (parameter * parameter.sigmoid()).Times(step + 0.3).sum().backward();
    }

    private static float[] Values(Parameter[] parameters) => [.. parameters.SelectMany(parameter => parameter.data<float>().ToArray())];
}
