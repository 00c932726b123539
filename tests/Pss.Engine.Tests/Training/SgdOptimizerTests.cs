using Pss.Engine.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Training;

public sealed class SgdOptimizerTests
{
    private const int Steps = 6;

    [Theory]
    [InlineData(0.9, 1e-4)]
    [InlineData(0.9, 0)]
    [InlineData(0, 0.01)]
    [InlineData(0, 0)]
    public void Its_steps_are_those_of_TorchSharp_to_the_last_bit(double momentum, double decay)
    {
        using var scope = NewDisposeScope();
        var (ours, theirs) = (Parameters(), Parameters());
        using var optimizer = new SgdOptimizer([.. ours.Select(parameter => new TrainedParameter(parameter, 1, decay))], momentum);
        using var reference = optim.SGD(theirs, 1, momentum, weight_decay: decay);
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
            Assert.Equal(Values(theirs), Values(ours));
            optimizer.ClearGradients();
            reference.zero_grad();
        }
        Assert.NotEqual(start, Values(ours));
    }

    [Fact]
    public void A_parameter_without_a_gradient_stays_as_it_is_and_has_no_velocity()
    {
        using var scope = NewDisposeScope();
        var parameters = Parameters();
        using var optimizer = new SgdOptimizer([.. parameters.Select(parameter => new TrainedParameter(parameter, 1, 0.1))], 0.9);
        var before = parameters[1].data<float>().ToArray();
        parameters[0].sum().backward();
        optimizer.Step(0.1);
        Assert.Equal(before, parameters[1].data<float>().ToArray());
        Assert.Equal(["optimizer:0"], optimizer.State().Select(tensor => tensor.Name));
    }

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
