
namespace Pss.Engine.Assignment;

/// <summary>How the one-to-many branch chooses its positive locations.</summary>
public enum AssignmentMethod
{
    /// <summary>Center sampling within ranges of size, the smallest box wins.</summary>
    Fcos,

    /// <summary>Adaptive threshold on the IoU of the nearest anchors, the highest IoU wins.</summary>
    Atss,
}
