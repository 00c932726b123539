
namespace Pss.Engine.Losses;

/// <summary>Which entries the ranking loss takes as negatives.</summary>
public enum RankingNegatives
{
    /// <summary>Every pair of location and class that is not a target.</summary>
    LocationsAndClasses,

    /// <summary>Each location without a target, at its best class.</summary>
    BestClassPerLocation,
}
