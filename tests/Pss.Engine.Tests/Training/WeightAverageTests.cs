using Pss.Engine.Training;
using Pss.Engine.Weights;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Training;

public sealed class WeightAverageTests
{
    [Fact]
    public void The_average_follows_the_formula_statistics_included_and_counters_are_copied()
    {
        using var scope = NewDisposeScope();
        using var network = TinyDetector.Options.Build(3);
        using var average = new WeightAverage(network, CPU, 0.9, 4);
        var expected = NetworkWeights.Save(network).Tensors.ToDictionary(tensor => tensor.Name, tensor => tensor.ToSingles().Select(value => (double)value).ToArray());
        for (var step = 1; step <= 5; step++)
        {
            using (no_grad())
            {
                foreach (var value in network.state_dict().Values)
                    value.AddInPlace(ones_like(value));
            }
            average.Update(step);
            var decay = 0.9 * (1 - Math.Exp(-step / 4.0));
            foreach (var tensor in NetworkWeights.Save(network).Tensors)
            {
                var kept = tensor.Dtype == WeightDtype.Int64 ? 0 : decay;
                var values = tensor.ToSingles();
                expected[tensor.Name] = [.. expected[tensor.Name].Select((value, i) => kept * value + (1 - kept) * values[i])];
            }
        }
        var averaged = NetworkWeights.Save(average.Network);
        foreach (var tensor in averaged.Tensors)
            Assert.All(tensor.ToSingles().Zip(expected[tensor.Name]), pair => Assert.Equal(pair.Second, pair.First, 1e-4));
        Assert.Contains(averaged.Tensors, tensor => tensor.Name.EndsWith("running_var", StringComparison.Ordinal));
        Assert.Contains(averaged.Tensors, tensor => tensor.Dtype == WeightDtype.Int64 && tensor.ToSingles()[0] == 5);
    }

    [Fact]
    public void Weights_that_stay_keep_their_bits()
    {
        using var scope = NewDisposeScope();
        using var network = TinyDetector.Options.Build(3);
        using var average = new WeightAverage(network, CPU, 0.9998, 0);
        for (var step = 1; step <= 3; step++)
            average.Update(step);
        foreach (var (mine, theirs) in NetworkWeights.Save(network).Tensors.Zip(NetworkWeights.Save(average.Network).Tensors))
            Assert.True(mine.Data.Span.SequenceEqual(theirs.Data.Span), mine.Name);
    }

    [Fact]
    public void A_decay_near_0_gives_the_weights_in_training_and_another_does_not()
    {
        var plain = Train(0);
        Assert.InRange(Distance(1e-12), 0, 1e-7);
        Assert.InRange(Distance(0.5), 1e-5, 1);

        float Distance(double decay) => Train(decay)["head.boxes.weight"].ToSingles()
            .Zip(plain["head.boxes.weight"].ToSingles()).Max(pair => Math.Abs(pair.First - pair.Second));

        static WeightFile Train(double decay) => TinyDetector.Trainer(TinyDetector.Training with { EmaDecay = decay, EmaWarmUpSteps = 0 })
            .Train(new TinyDetector.Squares(10), TinyDetector.Classes).Weights;
    }
}
