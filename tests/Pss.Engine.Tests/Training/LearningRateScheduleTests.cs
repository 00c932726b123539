using Pss.Engine.Training;

namespace Pss.Engine.Tests.Training;

public class LearningRateScheduleTests
{
    [Theory] // The warm-up of the published configurations: 500 steps from a third, at a full rate of 0.01.
    [InlineData(0, 0.0033333333)]
    [InlineData(250, 0.0066666667)]
    [InlineData(499, 0.0099866667)]
    [InlineData(500, 0.01)]
    public void Warm_up_is_linear_from_a_third(long step, double rate)
        => Assert.Equal(rate, 0.01 * LearningRateSchedule.OneX.FactorAt(step, 0), 9);

    [Fact]
    public void Three_x_steps_down_at_27_and_33()
    {
        var factors = Enumerable.Range(0, 36).Select(epoch => LearningRateSchedule.ThreeX.FactorAt(100_000, epoch)).ToArray();
        Assert.All(factors[..27], factor => Assert.Equal(1, factor));
        Assert.All(factors[27..33], factor => Assert.Equal(0.1, factor, 12));
        Assert.All(factors[33..], factor => Assert.Equal(0.01, factor, 12));
    }

    [Fact]
    public void Steps_at_shares_of_any_length()
        => Assert.Equal([61, 71], LearningRateSchedule.Steps(76, 0.8, 0.93).DecayEpochs);

    [Fact]
    public void A_wrong_option_is_named_with_its_value_and_range()
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => (LearningRateSchedule.OneX with { Epochs = 0 }).Validate());
        Assert.Contains("Epochs must be at least 1", error.Message);
        error = Assert.Throws<ArgumentOutOfRangeException>(() => (new TrainingOptions { BatchSize = 3 }).Validate());
        Assert.Contains("multiple of BatchSize (3)", error.Message);
    }

    [Theory]
    [InlineData(10_000, 500)]
    [InlineData(5_000, 500)]
    [InlineData(84, 8)]
    [InlineData(9, 0)]
    public void The_warm_up_is_at_most_a_tenth_of_the_steps(long steps, int warmUp)
        => Assert.Equal(warmUp, LearningRateSchedule.OneX.WithWarmUpFor(steps).WarmUpSteps);
}
