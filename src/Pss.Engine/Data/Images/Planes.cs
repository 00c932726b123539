namespace Pss.Engine.Data.Images;

/// <summary>Splits interleaved pixels into planes.</summary>
internal static class Planes
{
    /// <summary>Writes one row of R, G, B pixels to row <paramref name="y"/> of three planes of <paramref name="height"/> x <paramref name="width"/>.</summary>
    public static void WriteRow(ReadOnlySpan<byte> row, Span<byte> planes, int y, int width, int height)
    {
        var count = row.Length / 3;
        var red = planes.Slice(y * width, count);
        var green = planes.Slice((height + y) * width, count);
        var blue = planes.Slice((2 * height + y) * width, count);
        for (int x = 0, i = 0; x < red.Length && x < green.Length && x < blue.Length; x++, i += 3)
        {
            red[x] = row[i];
            green[x] = row[i + 1];
            blue[x] = row[i + 2];
        }
    }
}
