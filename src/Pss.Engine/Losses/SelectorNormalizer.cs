
namespace Pss.Engine.Losses;

/// <summary>Normalizer of the selector's focal loss.</summary>
public enum SelectorNormalizer
{
    /// <summary>Objects matched one to one in the batch.</summary>
    MatchedObjects,

    /// <summary>Positives of the one-to-many branch, about ten times as many.</summary>
    Positives,
}
