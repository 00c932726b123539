using System.Numerics;

namespace Pss.Engine.Data.Scenes;

/// <summary>The texture that blends the two colors of a surface.</summary>
internal enum SceneTexture
{
    Plain,
    Gradient,
    Stripes,
    Checks,
    Dots,
    Clouds,
}

/// <summary>Two colors and the texture that blends them.</summary>
internal sealed record SceneSurface(SceneTexture Texture, Vector3 First, Vector3 Second, Vector2 Axis, float Period, Vector2 Offset)
{
    /// <summary>Draws a random surface.</summary>
    /// <param name="random">The random numbers.</param>
    /// <param name="contrast">Largest difference of the colors, 0 to 1.</param>
    /// <param name="saturation">Largest saturation of the colors, 0 to 1.</param>
    /// <param name="period">Shortest period of the texture in pixels; the longest is three times that.</param>
    public static SceneSurface Draw(SeededRandom random, double contrast, double saturation, double period)
    {
        var (sin, cos) = Math.SinCos(random.NextDouble(0, Math.PI));
        var first = Color(random, (float)saturation);
        return new SceneSurface(
            (SceneTexture)random.Next(6),
            first,
            Vector3.Lerp(first, Color(random, (float)saturation), (float)contrast),
            new Vector2((float)cos, (float)sin),
            (float)random.NextDouble(period, 3 * period),
            new Vector2(random.NextSingle(), random.NextSingle()) * 1000);
    }

    /// <summary>Weight of the second color at a position, 0 to 1.</summary>
    public float Weight(float x, float y, ValueNoise noise)
    {
        var u = (x * Axis.X + y * Axis.Y + Offset.X) / Period;
        var v = (y * Axis.X - x * Axis.Y + Offset.Y) / Period;
        return Texture switch
        {
            SceneTexture.Gradient => Wave(u / 4),
            SceneTexture.Stripes => Edge(Wave(u) - 0.5f),
            SceneTexture.Checks => Edge((Wave(u) - 0.5f) * (Wave(v) - 0.5f) * 3),
            SceneTexture.Dots => Edge(Wave(u) + Wave(v) - 1.3f),
            SceneTexture.Clouds => noise.At(2 * u, 2 * v),
            _ => 0,
        };
    }

    // A triangle wave from 0 to 1 of period 1; Edge is a step smoothed over about a pixel.
    private static float Wave(float t) => MathF.Abs(2 * (t - MathF.Floor(t)) - 1);

    private float Edge(float value) => Math.Clamp(0.5f + value * Period / 3, 0, 1);

    private static Vector3 Color(SeededRandom random, float strength)
    {
        var (hue, saturation, value) = (random.NextSingle() * 6, MathF.Sqrt(random.NextSingle()) * strength, 70 + 175 * random.NextSingle());
        float Channel(float shift) => value * (1 - saturation * Math.Clamp(2 - MathF.Abs((hue + shift) % 6 - 3), 0, 1));
        return new Vector3(Channel(0), Channel(2), Channel(4));
    }
}
