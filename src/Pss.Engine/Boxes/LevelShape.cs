
namespace Pss.Engine.Boxes;

/// <summary>One level of the pyramid.</summary>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
/// <param name="Stride">Pixels of the input image between neighbors.</param>
internal readonly record struct LevelShape(int Height, int Width, int Stride)
{
    /// <summary>The size of the objects that a level is for, in its strides.</summary>
    public const int SizeOfInterest = 8;

    /// <summary>The longer side of a level's largest objects, in its strides: FCOS's ranges of distances (64 pixels on P3) for both sides of the center.</summary>
    public const int LargestSide = 2 * SizeOfInterest;

    /// <summary>Strides of the pyramid's levels P3 to P7.</summary>
    public static IReadOnlyList<int> Strides { get; } = [8, 16, 32, 64, 128];

    /// <summary>The levels P3 to P7 of an input whose sides are multiples of 32.</summary>
    public static IReadOnlyList<LevelShape> Of(int height, int width) => [.. Strides.Select(stride => new LevelShape(Cells(height, stride), Cells(width, stride), stride))];

    /// <summary>The stride of the level of objects of this size.</summary>
    /// <param name="longerSide">In pixels of the input.</param>
    public static int StrideFor(double longerSide) => Strides.FirstOrDefault(stride => longerSide <= LargestSide * stride, Strides[^1]);

    /// <summary>Rows or columns of a level over a side of the input.</summary>
    public static int Cells(int side, int stride) => (side + stride - 1) / stride;

    /// <summary>Locations of the level.</summary>
    public int Count => Height * Width;
}
