using System.Buffers;
using System.Numerics;
using Pss.Engine.Data.Images;

namespace Pss.Engine.Data.Scenes;

/// <summary>Paints one image: background, then each shape with its shadow from back to front, then light and grain over everything.</summary>
internal sealed class ScenePainter
{
    private readonly int _width, _height;
    private readonly SeededRandom _random;
    private readonly ValueNoise _noise;
    private readonly Vector2 _light;

    public ScenePainter(int width, int height, SeededRandom random)
    {
        (_width, _height, _random) = (width, height, random);
        _noise = new ValueNoise(random);
        var (sin, cos) = Math.SinCos(random.NextDouble(0, 2 * Math.PI));
        _light = new Vector2((float)cos, (float)sin);
    }

    public RgbImage Paint(IReadOnlyList<SceneShape> shapes)
    {
        var canvas = ArrayPool<Vector3>.Shared.Rent(_width * _height);
        PaintGround(canvas);
        SceneSurface? surface = null;
        foreach (var shape in shapes)
        {
            // Half of the shapes share the surface of the previous one, so that color does not always separate the members of a crowd.
            if (surface is null || _random.NextDouble() < 0.5) surface = SceneSurface.Draw(_random, 0.75, 0.9, Math.Max(4, shape.Pose.Size * 0.12));
            PaintShape(canvas, shape, surface);
        }
        var image = Develop(canvas);
        ArrayPool<Vector3>.Shared.Return(canvas);
        return image;
    }

    private void PaintGround(Vector3[] canvas)
    {
        var surface = SceneSurface.Draw(_random, 0.4, 0.5, 14);
        var (coarse, fine) = ((float)_random.NextDouble(40, 90), (float)_random.NextDouble(5, 14));
        var (coarseScale, fineScale) = ((float)_random.NextDouble(0.1, 0.4), (float)_random.NextDouble(0, 0.25));
        var tone = new float[_width];
        for (var y = 0; y < _height; y++)
        {
            Array.Fill(tone, 1 - (coarseScale + fineScale) / 2);
            _noise.AddRow(tone, y, coarse, coarseScale);
            _noise.AddRow(tone, y, fine, fineScale);
            var row = canvas.AsSpan(y * _width, _width);
            for (var x = 0; x < row.Length; x++)
                row[x] = Vector3.Lerp(surface.First, surface.Second, surface.Weight(x, y, _noise)) * tone[x];
        }
    }

    private void PaintShape(Vector3[] canvas, SceneShape shape, SceneSurface surface)
    {
        var size = (float)shape.Pose.Size;
        var radius = Math.Max(1, (int)(size * 0.05f));
        var shift = 2 + size * 0.06f;
        var mask = CoverageMask.Fill(shape.Contours, 2 * radius + (int)shift + 1, _width, _height);
        var soft = mask.Blur(radius);
        PaintShadow(canvas, soft, (int)MathF.Round(-_light.X * shift), (int)MathF.Round(-_light.Y * shift));

        var center = new Vector2((float)(shape.Box.X + shape.Box.Width / 2), (float)(shape.Box.Y + shape.Box.Height / 2));
        var rim = (float)_random.NextDouble(0.1, 0.5);
        for (var y = 0; y < mask.Height; y++)
        {
            var cover = mask.Row(y);
            var here = soft.Row(y);
            var above = soft.Row(Math.Max(0, y - 1));
            var below = soft.Row(Math.Min(mask.Height - 1, y + 1));
            var row = canvas.AsSpan((mask.Top + y) * _width + mask.Left, mask.Width);
            for (var x = 0; x < row.Length; x++)
            {
                if (cover[x] == 0) continue;
                var place = new Vector2(mask.Left + x, mask.Top + y) - center;
                var slope = new Vector2(here[Math.Max(0, x - 1)] - here[Math.Min(row.Length - 1, x + 1)], above[x] - below[x]);
                var shade = 1 + 0.5f * Vector2.Dot(place, _light) / size + 0.35f * radius * Vector2.Dot(slope, _light) - rim * 2 * (1 - here[x]);
                var color = Vector3.Lerp(surface.First, surface.Second, surface.Weight(place.X, place.Y, _noise));
                row[x] = Vector3.Lerp(row[x], color * shade, cover[x]);
            }
        }
    }

    private void PaintShadow(Vector3[] canvas, CoverageMask soft, int dx, int dy)
    {
        for (var y = 0; y < soft.Height; y++)
        {
            var target = soft.Top + y + dy;
            if (target < 0 || target >= _height) continue;
            var shadow = soft.Row(y);
            var row = canvas.AsSpan(target * _width, _width);
            for (var x = Math.Max(0, -soft.Left - dx); x < Math.Min(soft.Width, _width - soft.Left - dx); x++)
                row[soft.Left + x + dx] *= 1 - 0.55f * shadow[x];
        }
    }

    // Applies light that falls off across the image and in broad patches, then sensor noise.
    private RgbImage Develop(Vector3[] canvas)
    {
        var image = new RgbImage(_width, _height);
        var slope = _light * (float)_random.NextDouble(0.1, 0.5) / Math.Max(_width, _height);
        var (patch, patchScale) = ((float)_random.NextDouble(80, 160), (float)_random.NextDouble(0.1, 0.5));
        var grain = (float)_random.NextDouble(0.004, 0.05);
        var light = new float[_width];
        for (var y = 0; y < _height; y++)
        {
            for (var x = 0; x < _width; x++) light[x] = 1 - patchScale / 2 + slope.X * (x - _width / 2) + slope.Y * (y - _height / 2);
            _noise.AddRow(light, y + 1000, patch, patchScale);
            var row = image.Pixels.AsSpan(3 * y * _width, 3 * _width);
            for (var x = 0; x < _width; x++)
            {
                var bits = _random.NextUInt64();
                var noise = new Vector3(Grain(bits), Grain(bits >> 16), Grain(bits >> 32)) * grain;
                var color = Vector3.Clamp(canvas[y * _width + x] * light[x] + noise, Vector3.Zero, new Vector3(255));
                (row[3 * x], row[3 * x + 1], row[3 * x + 2]) = ((byte)color.X, (byte)color.Y, (byte)color.Z);
            }
        }
        return image;
    }

    // The sum of two random bytes: approximately normal, around zero.
    private static float Grain(ulong bits) => (int)(bits & 0xff) + (int)((bits >> 8) & 0xff) - 255;
}
