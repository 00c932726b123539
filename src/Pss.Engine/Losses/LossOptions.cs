using static TorchSharp.torch;

namespace Pss.Engine.Losses;

/// <summary>Weights and constants of the losses; the defaults are the paper's (section 4.1 and its configurations).</summary>
public sealed record LossOptions
{
    /// <summary>Focal loss: weight of targets against non-targets.</summary>
    public double FocalAlpha { get; init; } = 0.25;

    /// <summary>Focal loss: exponent.</summary>
    public double FocalGamma { get; init; } = 2;

    /// <summary>Factor of the classification loss.</summary>
    public double ClassificationWeight { get; init; } = 1;

    /// <summary>A factor for each class, in the order of the labels, on everything that a class adds to the classification loss and to the selector's: the terms of
    /// its objects and those of the places without them. The normalizers stay. Null weighs all by 1; each is 0 to 1000.</summary>
    public IReadOnlyList<double>? ClassWeights { get; init; }

    /// <summary>Factor of the box loss.</summary>
    public double BoxWeight { get; init; } = 2;

    /// <summary>Factor of the center-ness loss.</summary>
    public double CenternessWeight { get; init; } = 1;

    /// <summary>Factor of the selector's loss, lambda 1 (Table 7).</summary>
    public double SelectorWeight { get; init; } = 1;

    /// <summary>Factor of the ranking loss, lambda 2 (Table 9); 0 leaves it out.</summary>
    public double RankingWeight { get; init; } = 0.25;

    /// <summary>Ranking loss: least difference between a positive's and a negative's probability.</summary>
    public double RankingMargin { get; init; } = 0.5;

    /// <summary>Ranking loss: highest-scoring negatives of an image that take part.</summary>
    public int RankingCount { get; init; } = 100;

    /// <summary>What positives' box losses are weighted by.</summary>
    public BoxWeighting BoxWeighting { get; init; } = BoxWeighting.Centerness;

    /// <summary>Normalizer of the selector's loss.</summary>
    public SelectorNormalizer SelectorNormalizer { get; init; } = SelectorNormalizer.MatchedObjects;

    /// <summary>Which entries are negatives of the ranking loss.</summary>
    public RankingNegatives RankingNegatives { get; init; } = RankingNegatives.LocationsAndClasses;

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A property is out of its range; the message names it.</exception>
    public void Validate()
    {
        Check.Within(FocalAlpha, 0, 1);
        Check.Within(FocalGamma, 0, 10);
        Check.Within(ClassificationWeight, 0, 1000);
        foreach (var weight in ClassWeights ?? [])
            Check.Within(weight, 0, 1000, nameof(ClassWeights));
        Check.Within(BoxWeight, 0, 1000);
        Check.Within(CenternessWeight, 0, 1000);
        Check.Within(SelectorWeight, 0, 1000);
        Check.Within(RankingWeight, 0, 1000);
        Check.Within(RankingMargin, 0, 1);
        Check.Within(RankingCount, 1, 100_000);
    }

    /// <summary>Multiplies a loss by the class weights.</summary>
    /// <param name="loss">[N, L, C].</param>
    internal Tensor Weigh(Tensor loss)
    {
        if (ClassWeights is null)
            return loss;
        using var weights = tensor([.. ClassWeights.Select(weight => (float)weight)], device: loss.device);
        return loss * weights;
    }
}
