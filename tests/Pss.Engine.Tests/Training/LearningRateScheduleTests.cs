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
        => Assert.Equal(rate, 0.01 * LearningRateSchedule.OneX.FactorAt(step, 0, 10_000), 9);

    [Fact]
    public void Three_x_steps_down_at_27_and_33()
    {
        var factors = Enumerable.Range(0, 36).Select(epoch => LearningRateSchedule.ThreeX.FactorAt(100_000, epoch, 200_000)).ToArray();
        Assert.All(factors[..27], factor => Assert.Equal(1, factor));
        Assert.All(factors[27..33], factor => Assert.Equal(0.1, factor, 12));
        Assert.All(factors[33..], factor => Assert.Equal(0.01, factor, 12));
    }

    [Fact]
    public void Steps_at_shares_of_any_length()
        => Assert.Equal([61, 71], LearningRateSchedule.Steps(76, 0.8, 0.93).DecayEpochs);

    [Theory] // 10 steps of warm-up, then 101 steps: half way down in the middle.
    [InlineData(true, 10, 1)]
    [InlineData(true, 35, 0.1 + 0.9 * 0.8535533906)]
    [InlineData(true, 60, 0.55)]
    [InlineData(true, 110, 0.1)]
    [InlineData(false, 10, 1)]
    [InlineData(false, 35, 0.775)]
    [InlineData(false, 60, 0.55)]
    [InlineData(false, 110, 0.1)]
    [InlineData(false, 5, 0.5)]
    public void Cosine_and_linear_fall_from_step_to_step_to_the_final_factor(bool cosine, long step, double factor)
    {
        var schedule = (cosine ? LearningRateSchedule.Cosine(3, 0.1) : LearningRateSchedule.Linear(3, 0.1)) with { WarmUpSteps = 10, WarmUpRatio = 0 };
        Assert.Equal(factor, schedule.FactorAt(step, 0, 111), 9);
        Assert.Equal(factor, schedule.WithEpochs(6).FactorAt(step, 5, 111), 9);
        Assert.Equal(6, schedule.WithEpochs(6).Epochs);
    }

    [Fact]
    public void A_training_of_no_more_steps_than_the_warm_up_has_finite_rates()
        => Assert.All(Enumerable.Range(0, 5), step => Assert.InRange((LearningRateSchedule.Cosine(1) with { WarmUpSteps = 5 }).FactorAt(step, 0, 5), 0, 1));

    [Fact]
    public void A_wrong_option_is_named_with_its_value_and_range()
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => (LearningRateSchedule.OneX with { Epochs = 0 }).Validate());
        Assert.Contains("Epochs must be at least 1", error.Message);
        error = Assert.Throws<ArgumentOutOfRangeException>(() => LearningRateSchedule.Cosine(2, 1.5).Validate());
        Assert.Contains("FinalFactor must be from 0 to 1", error.Message);
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
