
namespace Pss.Engine.Evaluation;

/// <summary>How many objects count in each area range: those that are no crowd. An object of exactly 32x32 or 96x96 counts in two ranges.</summary>
/// <param name="All">All sizes.</param>
/// <param name="Small">Area up to 32x32 pixels.</param>
/// <param name="Medium">Area from 32x32 to 96x96 pixels.</param>
/// <param name="Large">Area from 96x96 pixels.</param>
public sealed record ObjectCounts(int All, int Small, int Medium, int Large);
