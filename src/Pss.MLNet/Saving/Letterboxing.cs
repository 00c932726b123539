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
internal readonly record struct Letterboxing(LetterboxResize Rule, int Width, int Height)
{
    /// <summary>The input that takes every image of the rule.</summary>
    public static Letterboxing For(Resize rule)
    {
        // Group normalisation sees the padding: another size than the transformer's would give other detections.
        if (rule is not LetterboxResize box)
        {
            throw new NotSupportedException(
                $"A model is saved with one size of its input, which {rule} has not: set Resize to Resize.Letterbox(width, height), in the options or in Inference.");
        }
        return new(box, RoundUp(box.Width), RoundUp(box.Height));

        static int RoundUp(int size) => (size + 31) / 32 * 32;
    }

    /// <summary>Reads what <see cref="ToNumbers"/> wrote.</summary>
    public static Letterboxing FromNumbers(ReadOnlySpan<float> numbers) => new(
        (LetterboxResize)Resize.Letterbox((int)numbers[0], (int)numbers[1]), (int)numbers[2], (int)numbers[3]);

    /// <summary>Width and height of the rule and of the input, and the width and height of the source image where its column has one size (else 0).</summary>
    public float[] ToNumbers(int sourceWidth, int sourceHeight) => [Rule.Width, Rule.Height, Width, Height, sourceWidth, sourceHeight];

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
