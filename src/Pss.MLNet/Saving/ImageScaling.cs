using Microsoft.ML.Data;
using Pss.Engine.Data.Images;

namespace Pss.MLNet.Saving;

/// <summary>
/// How a saved model brings images to its network's size: the engine's own scaling, to the pixel. As numbers in a column it is state of the
/// model, which a custom mapping cannot have.
/// </summary>
/// <param name="Rule">The size of an image.</param>
internal readonly record struct ImageScaling(Resize Rule)
{
    private const float LetterboxRule = 0;
    private const float ShortestEdgeRule = 1;

    /// <summary>The input for a missing image where each image has a size of its own: the least that the exported network takes.</summary>
    private static readonly (int Width, int Height) MissingSize = (32, 32);

    /// <summary>Whether each image has a size of its own.</summary>
    public bool IsDynamic => !Rule.IsLetterbox;

    /// <summary>Reads what <see cref="ToNumbers"/> wrote.</summary>
    public static ImageScaling FromNumbers(ReadOnlySpan<float> numbers) => new(numbers[0] == LetterboxRule
        ? Resize.Letterbox((int)numbers[1], (int)numbers[2])
        : Resize.ShortestEdge((int)numbers[1], (int)numbers[2]));

    /// <summary>The rule and its two sizes, and the width and height of the source image where its column has one size (else 0).</summary>
    public float[] ToNumbers(int sourceWidth, int sourceHeight)
        => [IsDynamic ? ShortestEdgeRule : LetterboxRule, Rule.Sides.First, Rule.Sides.Second, sourceWidth, sourceHeight];

    /// <summary>Width and height of an image by the geometry that <see cref="Apply"/> wrote; 1 for a missing one, as in the exported network.</summary>
    public static (int Width, int Height) SizeOf(ReadOnlySpan<float> geometry)
        => geometry[0] > 0 ? ((int)MathF.Round(geometry[2] / geometry[0]), (int)MathF.Round(geometry[3] / geometry[1])) : (1, 1);

    /// <summary>Scales an image into planes of bytes.</summary>
    /// <param name="image">The image; null gives black, and a geometry of zeros, for which the network detects nothing.</param>
    /// <param name="pixels">3 * height * width bytes, made here where the buffer is too short.</param>
    /// <param name="geometry">Scale across and down, width and height of the scaled image.</param>
    public void Apply(RgbImage? image, ref VBuffer<byte> pixels, float[] geometry)
    {
        if (image is null)
        {
            var (blackWidth, blackHeight) = IsDynamic ? MissingSize : Rule.InputSize(1, 1);
            var black = VBufferEditor.Create(ref pixels, 3 * blackWidth * blackHeight);
            black.Values.Clear();
            geometry.AsSpan().Clear();
            pixels = black.Commit();
            return;
        }
        var (width, height) = Rule.InputSize(image.FullWidth, image.FullHeight);
        var editor = VBufferEditor.Create(ref pixels, 3 * width * height);
        Rule.WriteInput(image, editor.Values);
        var scaled = Rule.ScaledSize(image.FullWidth, image.FullHeight);
        (geometry[0], geometry[1]) = ((float)((double)scaled.Width / image.FullWidth), (float)((double)scaled.Height / image.FullHeight));
        (geometry[2], geometry[3]) = (scaled.Width, scaled.Height);
        pixels = editor.Commit();
    }
}
