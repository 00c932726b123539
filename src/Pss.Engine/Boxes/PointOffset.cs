
namespace Pss.Engine.Boxes;

/// <summary>Where in its cell of stride x stride pixels a location lies.</summary>
public enum PointOffset
{
    /// <summary>In the middle, floor(stride / 2) from the corner: FCOS's points.</summary>
    HalfStride,

    /// <summary>At the top left corner: ATSS's anchor centers in the paper's base code.</summary>
    Corner,
}
