using Pss.Engine.Data.Images;

namespace Pss.Engine.Reports;

/// <summary>The color map of the heat maps.</summary>
internal static class HeatColors
{
    /// <summary>Paints scores from 0 to 1 as a PNG, from black through violet and orange to pale yellow; the page blends black as transparent.</summary>
    public static byte[] Paint(int rows, int columns, IReadOnlyList<float> scores)
    {
        (double At, int R, int G, int B)[] stops =
            [(0, 0, 0, 0), (.15, 46, 14, 96), (.4, 150, 38, 108), (.65, 227, 89, 51), (.85, 249, 172, 32), (1, 252, 255, 164)];
        var image = new RgbImage(columns, rows);
        for (var i = 0; i < rows * columns; i++)
        {
            var score = double.IsNaN(scores[i]) ? 0 : Math.Clamp(scores[i], 0, 1);
            var k = Array.FindIndex(stops, 1, stop => score <= stop.At);
            var part = (score - stops[k - 1].At) / (stops[k].At - stops[k - 1].At);
            byte Mix(int low, int high) => (byte)(low + part * (high - low));
            (image.Pixels[3 * i], image.Pixels[3 * i + 1], image.Pixels[3 * i + 2]) =
                (Mix(stops[k - 1].R, stops[k].R), Mix(stops[k - 1].G, stops[k].G), Mix(stops[k - 1].B, stops[k].B));
        }
        using var stream = new MemoryStream();
        image.SavePng(stream);
        return stream.ToArray();
    }
}
