using Microsoft.ML.Data;
using Pss.Engine.Data.Images;

namespace Pss.MLNet.Saving;

/// <summary>
/// How a saved model resizes images: with the engine's own code, so that pixels are equal. A custom mapping cannot have state; therefore the model
/// stores this as numbers in a column.
/// </summary>
/// <param name="Rule">The rule that gives the size of a resized image.</param>
internal readonly record struct ImageScaling(Resize Rule)
{
    private const int Multiple = 32;
    private const float LetterboxRule = 0;
    private const float ShortestEdgeRule = 1;

    /// <summary>Whether the input size varies from image to image.</summary>
    public bool IsDynamic => Rule is ShortestEdgeResize;

    /// <summary>Width of the network's input in pixels, or the largest if it varies.</summary>
    public int Width => RoundUp(Rule is LetterboxResize box ? box.Width : ((ShortestEdgeResize)Rule).Longest);

    /// <summary>Height of the network's input in pixels, or the largest if it varies.</summary>
    public int Height => RoundUp(Rule is LetterboxResize box ? box.Height : ((ShortestEdgeResize)Rule).Longest);

    /// <summary>The inverse of <see cref="ToNumbers"/>.</summary>
    public static ImageScaling FromNumbers(ReadOnlySpan<float> numbers) => new(numbers[0] == LetterboxRule
        ? Resize.Letterbox((int)numbers[1], (int)numbers[2])
        : Resize.ShortestEdge((int)numbers[1], (int)numbers[2]));

    /// <summary>Kind of the rule, its two sizes, width and height of the source images: 0 unless their column has a fixed size.</summary>
    public float[] ToNumbers(int sourceWidth, int sourceHeight) => Rule switch
    {
        LetterboxResize box => [LetterboxRule, box.Width, box.Height, sourceWidth, sourceHeight],
        ShortestEdgeResize edge => [ShortestEdgeRule, edge.Shortest, edge.Longest, sourceWidth, sourceHeight],
        _ => throw new NotSupportedException($"A model with the resize rule {Rule} cannot be saved: use Resize.Letterbox or Resize.ShortestEdge."),
    };

    /// <summary>Resizes an image to planar RGB bytes.</summary>
    /// <param name="image">The image; null gives black pixels and a geometry of zeros, for which the network detects nothing.</param>
    /// <param name="pixels">Output: 3 x height x width bytes; the buffer is reused if it is large enough.</param>
    /// <param name="geometry">Output, 4 values: horizontal and vertical scale, width and height of the resized image in pixels.</param>
    public void Apply(RgbImage? image, ref VBuffer<byte> pixels, float[] geometry)
    {
        if (image is null)
        {
            var black = VBufferEditor.Create(ref pixels, 3 * (IsDynamic ? Multiple * Multiple : Width * Height));
            black.Values.Clear();
            geometry.AsSpan().Clear();
            pixels = black.Commit();
            return;
        }
        var placed = Rule.For(image.FullWidth, image.FullHeight);
        placed = placed with { OutWidth = RoundUp(placed.OutWidth), OutHeight = RoundUp(placed.OutHeight) };
        var editor = VBufferEditor.Create(ref pixels, 3 * placed.OutWidth * placed.OutHeight);
        placed.WritePlanes(image, editor.Values);
        (geometry[0], geometry[1], geometry[2], geometry[3]) = ((float)placed.ScaleX, (float)placed.ScaleY, placed.Width, placed.Height);
        pixels = editor.Commit();
    }

    private static int RoundUp(int size) => (size + Multiple - 1) / Multiple * Multiple;
}
