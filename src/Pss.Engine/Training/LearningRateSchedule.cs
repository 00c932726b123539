using System.Text.Json.Serialization;

namespace Pss.Engine.Training;

/// <summary>Linear warm-up, then steps down at the start of given epochs (section 4 of the paper; method of its base code), or a decay from step to
/// step.</summary>
public sealed record LearningRateSchedule
{
    /// <summary>Passes over the training images.</summary>
    public int Epochs { get; init; } = 12;

    /// <summary>How the rate falls after the warm-up.</summary>
    [JsonInclude]
    internal LearningRateDecay Decay { get; init; }

    /// <summary>Epochs, counted from 0, at whose start the rate is multiplied by <see cref="DecayFactor"/>; not of <see cref="Cosine"/> and <see cref="Linear"/>.</summary>
    public IReadOnlyList<int> DecayEpochs { get; init; } = [8, 11];

    /// <summary>The factor of each step down.</summary>
    public double DecayFactor { get; init; } = 0.1;

    /// <summary>The share of the full rate that the last step comes down to; of <see cref="Cosine"/> and <see cref="Linear"/>.</summary>
    public double FinalFactor { get; init; }

    /// <summary>Optimizer steps of the warm-up, of which a training takes at most a tenth of its steps; 0 starts at the full rate.</summary>
    public int WarmUpSteps { get; init; } = 500;

    /// <summary>Where the warm-up starts, as a share of the full rate.</summary>
    public double WarmUpRatio { get; init; } = 1.0 / 3;

    /// <summary>12 epochs, steps at 8 and 11.</summary>
    public static LearningRateSchedule OneX { get; } = new();

    /// <summary>24 epochs, steps at 18 and 22.</summary>
    public static LearningRateSchedule TwoX { get; } = new() { Epochs = 24, DecayEpochs = [18, 22] };

    /// <summary>36 epochs, steps at 27 and 33, as in the paper's published configuration; its text says 24 and 33.</summary>
    public static LearningRateSchedule ThreeX { get; } = new() { Epochs = 36, DecayEpochs = [27, 33] };

    /// <summary>Any other length, with steps at shares of it.</summary>
    /// <param name="epochs">Passes over the training images.</param>
    /// <param name="decayAt">Shares of <paramref name="epochs"/>, for example 0.8 and 0.93.</param>
    public static LearningRateSchedule Steps(int epochs, params double[] decayAt)
        => new() { Epochs = epochs, DecayEpochs = decayAt.Select(share => (int)Math.Round(share * epochs)).ToArray() };

    /// <summary>Any length, along half a cosine.</summary>
    /// <param name="epochs">Passes over the training images.</param>
    /// <param name="finalFactor">The share of the full rate at the end.</param>
    public static LearningRateSchedule Cosine(int epochs, double finalFactor = 0)
        => new() { Epochs = epochs, DecayEpochs = [], Decay = LearningRateDecay.Cosine, FinalFactor = finalFactor };

    /// <summary>Any length, along a straight line.</summary>
    /// <param name="epochs">Passes over the training images.</param>
    /// <param name="finalFactor">The share of the full rate at the end.</param>
    public static LearningRateSchedule Linear(int epochs, double finalFactor = 0)
        => new() { Epochs = epochs, DecayEpochs = [], Decay = LearningRateDecay.Linear, FinalFactor = finalFactor };

    /// <summary>The schedule over another number of epochs, with its steps down at the same shares of them.</summary>
    /// <param name="epochs">Passes over the training images.</param>
    public LearningRateSchedule WithEpochs(int epochs) => this with
    {
        Epochs = epochs,
        DecayEpochs = [.. DecayEpochs.Select(epoch => Math.Max(1, (int)Math.Round((double)epoch * epochs / Epochs)))],
    };

    /// <summary>The factor on the full learning rate at one optimizer step.</summary>
    /// <param name="step">Optimizer steps done so far, over all epochs.</param>
    /// <param name="epoch">Current epoch, from 0.</param>
    /// <param name="steps">Optimizer steps of the whole training.</param>
    public double FactorAt(long step, int epoch, long steps)
    {
        var warmUp = step < WarmUpSteps ? 1 - (1 - (double)step / WarmUpSteps) * (1 - WarmUpRatio) : 1;
        return warmUp * Decay switch
        {
            LearningRateDecay.Cosine => FinalFactor + (1 - FinalFactor) * (1 + Math.Cos(Math.PI * Progress(step, steps))) / 2,
            LearningRateDecay.Linear => 1 - (1 - FinalFactor) * Progress(step, steps),
            _ => Math.Pow(DecayFactor, DecayEpochs.Count(start => epoch >= start)),
        };
    }

    /// <summary>The schedule of a training of so many steps, whose warm-up is at most a tenth of them.</summary>
    internal LearningRateSchedule WithWarmUpFor(long steps) => WarmUpSteps <= steps / 10 ? this : this with { WarmUpSteps = (int)(steps / 10) };

    /// <summary>Checks every property.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A property is out of its range; the message names it.</exception>
    public void Validate()
    {
        Check.AtLeast(Epochs, 1);
        Check.AtLeast(WarmUpSteps, 0);
        Check.Within(DecayFactor, 0, 1);
        Check.Within(WarmUpRatio, 0, 1);
        Check.Within(FinalFactor, 0, 1);
        foreach (var epoch in DecayEpochs)
            Check.AtLeast(epoch, 1, nameof(DecayEpochs));
    }

    /// <summary>The share of the steps after the warm-up that are done, up to 1 in the last.</summary>
    private double Progress(long step, long steps) => Math.Clamp((double)(step - WarmUpSteps) / Math.Max(1, steps - 1 - WarmUpSteps), 0, 1);
}
