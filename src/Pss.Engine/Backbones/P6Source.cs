
namespace Pss.Engine.Backbones;

/// <summary>Which map P6 is made from.</summary>
public enum P6Source
{
    /// <summary>The pyramid's own P5: FCOS, ATSS, CondInst.</summary>
    P5,

    /// <summary>The backbone's C5: RetinaNet.</summary>
    C5,
}
