namespace Pss.Engine.Detectors;

/// <summary>Logits of the factors whose product is a detector's score, as tensors or as values of a graph.</summary>
/// <typeparam name="T">Tensor or value of a graph.</typeparam>
/// <param name="PerClass">[N, L, C].</param>
/// <param name="PerLocation">[N, L] each.</param>
internal sealed record ScoreFactors<T>(T PerClass, IReadOnlyList<T> PerLocation)
{
    /// <summary>The same with one more factor per location.</summary>
    /// <param name="factor">[N, L].</param>
    public ScoreFactors<T> With(T factor) => this with { PerLocation = [factor, .. PerLocation] };

    /// <summary>The same with other logits.</summary>
    /// <param name="perLocation">What becomes of the logits of locations.</param>
    /// <param name="perClass">What becomes of the logits of classes.</param>
    public ScoreFactors<T> Map(Func<T, T> perLocation, Func<T, T> perClass) => new(perClass(PerClass), [.. PerLocation.Select(perLocation)]);
}
