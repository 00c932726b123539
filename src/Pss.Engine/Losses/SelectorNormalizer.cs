
namespace Pss.Engine.Losses;

/// <summary>What the selector's focal loss is divided by.</summary>
public enum SelectorNormalizer
{
    /// <summary>Objects matched one to one in the batch.</summary>
    MatchedObjects,

    /// <summary>Positives of the one-to-many branch, about ten times as many.</summary>
    Positives,
}
