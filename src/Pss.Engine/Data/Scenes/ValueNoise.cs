namespace Pss.Engine.Data.Scenes;

/// <summary>Smooth random values in [0, 1): drawn on a periodic lattice and interpolated.</summary>
internal sealed class ValueNoise
{
    private const int Side = 32;

    private readonly float[] _lattice = new float[Side * Side];

    public ValueNoise(SeededRandom random)
    {
        for (var i = 0; i < _lattice.Length; i++) _lattice[i] = random.NextSingle();
    }

    public float At(float x, float y)
    {
        var (row, column) = ((int)MathF.Floor(y), (int)MathF.Floor(x));
        var (wx, wy) = (Smooth(x - column), Smooth(y - row));
        var upper = Mix(Value(row, column), Value(row, column + 1), wx);
        return Mix(upper, Mix(Value(row + 1, column), Value(row + 1, column + 1), wx), wy);
    }

    /// <summary>Adds scaled values along a row of pixels; <paramref name="cell"/> is the lattice's spacing in pixels.</summary>
    public void AddRow(Span<float> values, int y, float cell, float scale)
    {
        var row = (int)(y / cell);
        var wy = Smooth(y / cell - row);
        var (column, left, right) = (-1, 0f, 0f);
        for (var x = 0; x < values.Length; x++)
        {
            var at = x / cell;
            if ((int)at != column)
            {
                column = (int)at;
                left = scale * Mix(Value(row, column), Value(row + 1, column), wy);
                right = scale * Mix(Value(row, column + 1), Value(row + 1, column + 1), wy);
            }
            values[x] += Mix(left, right, Smooth(at - column));
        }
    }

    private float Value(int row, int column) => _lattice[(row & (Side - 1)) * Side + (column & (Side - 1))];

    private static float Smooth(float t) => t * t * (3 - 2 * t);

    private static float Mix(float a, float b, float weight) => a + (b - a) * weight;
}
