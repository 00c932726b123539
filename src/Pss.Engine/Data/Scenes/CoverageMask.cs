using System.Numerics;

namespace Pss.Engine.Data.Scenes;

/// <summary>The coverage of each pixel by a shape, 0 to 1, over the part of the image around it.</summary>
internal sealed class CoverageMask
{
    private readonly float[] _values;
    private readonly int _stride;

    private CoverageMask(int left, int top, int width, int height)
    {
        (Left, Top, Width, Height) = (left, top, width, height);
        _stride = width + 2;
        _values = new float[_stride * height];
    }

    public int Left { get; }

    public int Top { get; }

    public int Width { get; }

    public int Height { get; }

    public Span<float> Row(int y) => _values.AsSpan(y * _stride, Width);

    /// <summary>Computes the exact coverage of contours inside an image of the given size, with a margin around them.</summary>
    public static CoverageMask Fill(Vector2[][] contours, int margin, int width, int height)
    {
        var (low, high) = (contours[0][0], contours[0][0]);
        foreach (var point in contours[0]) (low, high) = (Vector2.Min(low, point), Vector2.Max(high, point));
        var (left, top) = (Math.Max(0, (int)low.X - margin), Math.Max(0, (int)low.Y - margin));
        var (right, bottom) = (Math.Min(width, (int)high.X + 1 + margin), Math.Min(height, (int)high.Y + 1 + margin));
        var mask = new CoverageMask(left, top, right - left, bottom - top);
        foreach (var contour in contours)
            for (int i = 0, j = contour.Length - 1; i < contour.Length; j = i++)
                mask.AddEdge(contour[j] - new Vector2(left, top), contour[i] - new Vector2(left, top));
        mask.Integrate();
        return mask;
    }

    /// <summary>The mask blurred twice by a box filter of 2 * radius + 1 pixels.</summary>
    public CoverageMask Blur(int radius)
    {
        var result = new CoverageMask(Left, Top, Width, Height);
        _values.CopyTo(result._values, 0);
        var line = new float[Math.Max(Width, Height)];
        for (var pass = 0; pass < 2; pass++)
        {
            for (var y = 0; y < Height; y++) BlurLine(result._values.AsSpan(y * _stride), 1, Width, radius, line);
            for (var x = 0; x < Width; x++) BlurLine(result._values.AsSpan(x), _stride, Height, radius, line);
        }
        return result;
    }

    private static void BlurLine(Span<float> values, int step, int count, int radius, float[] line)
    {
        var sum = 0f;
        var scale = 1f / (2 * radius + 1);
        for (var i = 0; i < count; i++) line[i] = values[i * step];
        for (var i = 0; i < Math.Min(radius, count); i++) sum += line[i];
        for (var i = 0; i < count; i++)
        {
            if (i + radius < count) sum += line[i + radius];
            values[i * step] = sum * scale;
            if (i >= radius) sum -= line[i - radius];
        }
    }

    // Each edge adds, in the pixels that it crosses, its change to the covered area on its right; the running sum of a row then gives
    // the exact coverage of every pixel.
    private void AddEdge(Vector2 from, Vector2 to)
    {
        if (from.Y == to.Y) return;
        var sign = from.Y < to.Y ? 1f : -1f;
        var (upper, lower) = from.Y < to.Y ? (from, to) : (to, from);
        var slope = (lower.X - upper.X) / (lower.Y - upper.Y);
        var x = upper.X;
        for (var y = (int)upper.Y; y < Height && y < lower.Y; y++)
        {
            var height = Math.Min(y + 1, lower.Y) - Math.Max(y, upper.Y);
            var next = x + slope * height;
            AddSegment(_values.AsSpan(y * _stride, _stride), Math.Clamp(Math.Min(x, next), 0, Width), Math.Clamp(Math.Max(x, next), 0, Width), sign * height);
            x = next;
        }
    }

    private static void AddSegment(Span<float> row, float left, float right, float weight)
    {
        var (first, last) = ((int)left, (int)right);
        if (first == last)
        {
            var mean = (left + right) / 2 - first;
            row[first] += weight * (1 - mean);
            row[first + 1] += weight * mean;
            return;
        }
        // Reach(x) is the area between the segment and x; a column's share is its difference across the column.
        float Reach(float x) => x < right ? (x - left) * (x - left) / (2 * (right - left)) : x - (left + right) / 2;
        var (reached, covered) = (0f, 0f);
        for (var column = first; column <= last; column++)
        {
            var reach = Reach(column + 1);
            var share = weight * (reach - reached);
            row[column] += share - covered;
            (reached, covered) = (reach, share);
        }
        row[last + 1] += weight - covered;
    }

    private void Integrate()
    {
        for (var y = 0; y < Height; y++)
        {
            var row = _values.AsSpan(y * _stride, _stride);
            var sum = 0f;
            for (var x = 0; x < row.Length; x++)
            {
                sum += row[x];
                row[x] = Math.Min(1, Math.Abs(sum));
            }
            row[Width..].Clear();
        }
    }
}
