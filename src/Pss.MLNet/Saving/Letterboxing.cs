using Microsoft.ML.Data;
using Pss.Engine.Data;

namespace Pss.MLNet.Saving;

/// <summary>
/// How a saved model brings images to its network's size: the engine's own scaling, to the pixel. As numbers in a column it is state of the
/// model, which a custom mapping cannot have.
/// </summary>
/// <param name="Rule">The size of an image.</param>
/// <param name="Width">Width of the input, a multiple of 32.</param>
/// <param name="Height">Height of the input, a multiple of 32.</param>
internal readonly record struct Letterboxing(Resize Rule, int Width, int Height)
{
    private const float LetterboxRule = 0;
    private const float ShortestEdgeRule = 1;

    /// <summary>The smallest input that takes every image of the rule.</summary>
    public static Letterboxing For(Resize rule)
    {
        var (width, height) = rule switch
        {
            LetterboxResize box => (box.Width, box.Height),
            ShortestEdgeResize edge => (edge.Longest, edge.Longest),
            _ => throw new NotSupportedException($"A model with {rule} cannot be saved: take Resize.Letterbox or Resize.ShortestEdge."),
        };
        return new(rule, RoundUp(width), RoundUp(height));

        static int RoundUp(int size) => (size + 31) / 32 * 32;
    }

    /// <summary>Reads what <see cref="ToNumbers"/> wrote.</summary>
    public static Letterboxing FromNumbers(ReadOnlySpan<float> numbers) => new(
        numbers[0] == LetterboxRule ? Resize.Letterbox((int)numbers[1], (int)numbers[2]) : Resize.ShortestEdge((int)numbers[1], (int)numbers[2]),
        (int)numbers[3], (int)numbers[4]);

    /// <summary>Rule, its two sizes, width, height, and the width and height of the source image where its column has one size (else 0).</summary>
    public float[] ToNumbers(int sourceWidth, int sourceHeight)
    {
        var (kind, first, second) = Rule switch
        {
            ShortestEdgeResize edge => (ShortestEdgeRule, edge.Shortest, edge.Longest),
            _ => (LetterboxRule, ((LetterboxResize)Rule).Width, ((LetterboxResize)Rule).Height),
        };
        return [kind, first, second, Width, Height, sourceWidth, sourceHeight];
    }

    /// <summary>Scales an image into planes of bytes.</summary>
    /// <param name="image">The image; null gives black, and a geometry of zeros, for which the network detects nothing.</param>
    /// <param name="pixels">3 * Height * Width bytes, made here where the buffer is too short.</param>
    /// <param name="geometry">Scale across and down, width and height of the scaled image.</param>
    public void Apply(RgbImage? image, ref VBuffer<byte> pixels, float[] geometry)
    {
        var editor = VBufferEditor.Create(ref pixels, 3 * Width * Height);
        if (image is null)
        {
            editor.Values.Clear();
            geometry.AsSpan().Clear();
        }
        else
        {
            var lies = Rule.For(image.Width, image.Height) with { OutWidth = Width, OutHeight = Height };
            lies.WritePlanes(image, editor.Values);
            (geometry[0], geometry[1], geometry[2], geometry[3]) = ((float)lies.ScaleX, (float)lies.ScaleY, lies.Width, lies.Height);
        }
        pixels = editor.Commit();
    }
}
