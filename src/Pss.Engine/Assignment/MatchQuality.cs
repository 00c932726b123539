
namespace Pss.Engine.Assignment;

/// <summary>How score and overlap make the quality of a location for an object (the paper's Table 8).</summary>
public enum MatchQuality
{
    /// <summary>P^(1 - alpha) IoU^alpha.</summary>
    Multiply,

    /// <summary>(1 - alpha) P + alpha IoU.</summary>
    Add,
}
