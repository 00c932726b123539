using Pss.Engine.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Training;

public class GradientClipTests
{
    [Theory]
    [InlineData(0.5)]
    [InlineData(3.25)]
    [InlineData(1e9)]
    public void Norm_and_gradients_are_those_of_torch_to_the_last_bit(double most)
    {
        using var scope = NewDisposeScope();
        var (own, torchs) = (Parameters(), Parameters());
        var norm = GradientClip.Apply(own, most);
        Assert.Equal((float)nn.utils.clip_grad_norm_(torchs, most), norm.ToHost<float>()[0]);
        Assert.All(own.Zip(torchs), pair => Assert.Equal(pair.Second.grad?.ToHost<float>(), pair.First.grad?.ToHost<float>()));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_gradient_that_is_not_finite_has_such_a_norm(float value)
    {
        using var scope = NewDisposeScope();
        var parameters = Parameters();
        using (no_grad())
            parameters[0].grad!.view(-1)[0].copy_(tensor(value));
        Assert.False(float.IsFinite(GradientClip.Apply(parameters, 1).ToHost<float>()[0]));
    }

    [Fact]
    public void Without_any_gradient_the_norm_is_zero()
    {
        using var scope = NewDisposeScope();
        Assert.Equal([0], GradientClip.Apply([new Parameter(zeros(2, 3))], 1).ToHost<float>());
    }

    /// <summary>Five parameters of different sizes with gradients, and one without.</summary>
    private static Parameter[] Parameters()
    {
        using var generator = new Generator(5);
        var parameters = new List<Parameter> { new(zeros(2, 3)) };
        foreach (long[] shape in (long[][])[[3, 5], [64, 3, 3, 3], [1], [256], [17, 9]])
            parameters.Add(new(zeros(shape)) { grad = randn(shape, generator: generator) });
        parameters.Reverse();
        return [.. parameters];
    }
}
