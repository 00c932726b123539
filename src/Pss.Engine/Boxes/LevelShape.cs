
namespace Pss.Engine.Boxes;

/// <summary>One level of the pyramid.</summary>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
/// <param name="Stride">Pixels of the input image between neighbors.</param>
public readonly record struct LevelShape(int Height, int Width, int Stride)
{
    /// <summary>Strides of the pyramid's levels P3 to P7.</summary>
    public static IReadOnlyList<int> Strides { get; } = [8, 16, 32, 64, 128];

    /// <summary>Locations of the level.</summary>
    public int Count => Height * Width;
}
