using System.Numerics;
using Pss.Engine.Data.Images;

namespace Pss.Engine.Data.Augmentation;

/// <summary>A color change. All four parts are linear in red, green and blue, so that one matrix applies them in one pass.</summary>
/// <param name="Brightness">Factor on all channels; 1 changes nothing.</param>
/// <param name="Contrast">Factor on the distance from the image's mean gray; 1 changes nothing.</param>
/// <param name="Saturation">Factor on the distance from the pixel's own gray; 1 changes nothing.</param>
/// <param name="Hue">Rotation about the gray axis (in the YIQ plane), in full turns; 0 changes nothing.</param>
internal readonly record struct ColorChange(double Brightness, double Contrast, double Saturation, double Hue)
{
    private static readonly Vector3 Gray = new(0.299f, 0.587f, 0.114f);

    /// <summary>Applies the change to an image.</summary>
    public RgbImage Apply(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (this == new ColorChange(1, 1, 1, 0))
            return image;
        var mean = (float)(Contrast == 1 ? 0 : MeanGray(image) * Brightness * (1 - Contrast));
        var scale = (float)(Brightness * Contrast);
        var (red, green, blue) = (scale * Column(Vector3.UnitX), scale * Column(Vector3.UnitY), scale * Column(Vector3.UnitZ));
        var offset = new Vector3(mean + 0.5f);
        var result = new RgbImage(image.Width, image.Height);
        var (from, to) = (image.Pixels, result.Pixels);
        var white = new Vector3(255);
        for (var i = 0; i + 2 < from.Length && i + 2 < to.Length; i += 3)
        {
            var color = Vector3.Min(Vector3.Max(offset + from[i] * red + from[i + 1] * green + from[i + 2] * blue, Vector3.Zero), white);
            to[i] = (byte)color.X;
            to[i + 1] = (byte)color.Y;
            to[i + 2] = (byte)color.Z;
        }
        return result;
    }

    /// <summary>The color to which saturation and hue change a primary color: a column of the matrix.</summary>
    private Vector3 Column(Vector3 primary)
    {
        var y = Vector3.Dot(Gray, primary);
        var i = Vector3.Dot(new(0.5959f, -0.2746f, -0.3213f), primary);
        var q = Vector3.Dot(new(0.2115f, -0.5227f, 0.3112f), primary);
        if (Hue == 0)
            return Vector3.Lerp(new Vector3(y), primary, (float)Saturation);
        var (sin, cos) = Math.SinCos(2 * Math.PI * Hue);
        var turnedI = (float)(Saturation * (cos * i - sin * q));
        var turnedQ = (float)(Saturation * (sin * i + cos * q));
        return new Vector3(y) + turnedI * new Vector3(0.9563f, -0.2721f, -1.1070f) + turnedQ * new Vector3(0.6210f, -0.6474f, 1.7046f);
    }

    private static double MeanGray(RgbImage image)
    {
        long red = 0, green = 0, blue = 0;
        var pixels = image.Pixels;
        for (var i = 0; i + 2 < pixels.Length; i += 3)
        {
            red += pixels[i];
            green += pixels[i + 1];
            blue += pixels[i + 2];
        }
        return (0.299 * red + 0.587 * green + 0.114 * blue) / (pixels.Length / 3);
    }
}
