using Pss.Engine.Layers;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Layers;

public sealed class BatchNormTests
{
    private const int Channels = 5;

    [Fact]
    public void It_gives_and_keeps_what_that_of_TorchSharp_does()
    {
        using var scope = NewDisposeScope();
        using var ours = new BatchNorm(Channels);
        using var theirs = nn.BatchNorm2d(Channels);
        for (var step = 0; step < 3; step++)
            Assert.Equal(Values(theirs.call(Maps(step))), Values(ours.call(Maps(step))));
        ours.eval();
        theirs.eval();
        Assert.Equal(Values(theirs.call(Maps(3))), Values(ours.call(Maps(3))));

        var (state, expected) = (ours.state_dict(), theirs.state_dict());
        Assert.Equal(expected.Keys, state.Keys);
        Assert.All(expected, entry => Assert.Equal(Values(entry.Value), Values(state[entry.Key])));
        Assert.Equal(3, state["num_batches_tracked"].item<long>());
        Assert.Equal(2, ours.parameters().Count(parameter => parameter.requires_grad));
    }

    private static Tensor Maps(int seed)
    {
        using var generator = new Generator((ulong)seed);
        return randn([2, Channels, 4, 6], generator: generator).Times(3).Plus(1);
    }

    private static double[] Values(Tensor tensor) => tensor.detach().to(ScalarType.Float64).data<double>().ToArray();
}
