using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Pss.Engine.Data.Images;

namespace Pss.Engine.Data.Augmentation;

/// <summary>Draws an image on another through an affine map: bilinear with half-pixel centers and no antialiasing, as <see cref="BilinearScaler"/>.</summary>
internal static class AffinePainter
{
    // Far more than what rounding moves a position along a row.
    private const double Margin = 1e-3;

    /// <summary>Draws every pixel of the canvas whose center lies in the image; the others stay.</summary>
    /// <param name="image">The image.</param>
    /// <param name="map">From positions of the image to those of the canvas.</param>
    /// <param name="canvas">What is drawn on.</param>
    /// <param name="mix">Whether the new pixel is averaged with the old one.</param>
    public static void Draw(RgbImage image, AffineTransform map, RgbImage canvas, bool mix = false)
    {
        var back = map.Inverse();
        for (var y = 0; y < canvas.Height; y++)
        {
            var start = back.Map(0.5, y + 0.5);
            var (first, end) = Inside(back, start, 0, image.Width, 0, image.Height, 0, canvas.Width);
            if (first >= end)
                continue;
            var row = canvas.Pixels.AsSpan(3 * y * canvas.Width, 3 * canvas.Width);
            // Where all four neighbors are in the image, and a byte more.
            var (from, to) = Inside(back, start, 0.5 + Margin, image.Width - 1.5 - Margin, 0.5 + Margin, image.Height - 0.5 - Margin, first, end);
            if (from >= to)
                (from, to) = (end, end);
            DrawEdge(image, row, back, start, first, from, mix);
            DrawInner(image, row, back, start, from, to, mix);
            DrawEdge(image, row, back, start, to, end, mix);
        }
    }

    /// <summary>The part of a range of pixels of a row whose positions in the image are within bounds.</summary>
    private static (int First, int End) Inside(
        AffineTransform back, (double X, double Y) start, double left, double right, double top, double bottom, int first, int end)
    {
        (first, end) = Steps(back.XX, start.X, left, right, first, end);
        return Steps(back.YX, start.Y, top, bottom, first, end);
    }

    /// <summary>The part of a range of steps i in which start + i * step is at least low and below high.</summary>
    private static (int First, int End) Steps(double step, double start, double low, double high, int first, int end)
    {
        if (step == 0)
            return start >= low && start < high ? (first, end) : (first, first);
        var (atLow, atHigh) = ((low - start) / step, (high - start) / step);
        var (from, to) = step > 0 ? (atLow, atHigh) : (atHigh, atLow);
        return ((int)Math.Clamp(Math.Ceiling(from), first, end), (int)Math.Clamp(Math.Ceiling(to), first, end));
    }

    /// <summary>Draws pixels some of whose neighbors are outside: the nearest ones inside stand for them.</summary>
    private static void DrawEdge(RgbImage image, Span<byte> row, AffineTransform back, (double X, double Y) start, int first, int end, bool mix)
    {
        var (lastX, lastY) = (image.Width - 1, image.Height - 1);
        for (var i = first; i < end; i++)
        {
            var x = Math.Clamp(start.X + i * back.XX - 0.5, 0, lastX);
            var y = Math.Clamp(start.Y + i * back.YX - 0.5, 0, lastY);
            var (column, line) = ((int)x, (int)y);
            var (right, down) = (Math.Min(column + 1, lastX), Math.Min(line + 1, lastY));
            var (across, along) = ((float)(x - column), (float)(y - line));
            for (var c = 0; c < 3; c++)
            {
                var upper = Blend(image.Pixels[At(column, line) + c], image.Pixels[At(right, line) + c], across);
                var lower = Blend(image.Pixels[At(column, down) + c], image.Pixels[At(right, down) + c], across);
                var value = (int)(Blend(upper, lower, along) + 0.5f);
                row[3 * i + c] = (byte)(mix ? (value + row[3 * i + c] + 1) >> 1 : value);
            }
        }

        int At(int column, int line) => 3 * (line * image.Width + column);

        static float Blend(float a, float b, float share) => a + (b - a) * share;
    }

    /// <summary>Draws pixels whose neighbors are all inside. Positions are fixed-point numbers of 32 fractional bits: sums of them are exact.</summary>
    private static void DrawInner(RgbImage image, Span<byte> row, AffineTransform back, (double X, double Y) start, int first, int end, bool mix)
    {
        var (x, y) = (Fixed(start.X + first * back.XX - 0.5), Fixed(start.Y + first * back.YX - 0.5));
        var (stepX, stepY, stride) = (Fixed(back.XX), Fixed(back.YX), 3 * image.Width);
        ref var pixels = ref MemoryMarshal.GetArrayDataReference(image.Pixels);
        var half = Vector128.Create(0.5f);
        for (var i = first; i < end; i++, x += stepX, y += stepY)
        {
            ref var upper = ref Unsafe.Add(ref pixels, (int)(y >> 32) * stride + 3 * (int)(x >> 32));
            ref var lower = ref Unsafe.Add(ref upper, stride);
            var (across, along) = (Vector128.Create(Fraction(x)), Vector128.Create(Fraction(y)));
            var top = Blend(Pixel(ref upper), Pixel(ref Unsafe.Add(ref upper, 3)), across);
            var bottom = Blend(Pixel(ref lower), Pixel(ref Unsafe.Add(ref lower, 3)), across);
            var color = Vector128.ConvertToInt32(Blend(top, bottom, along) + half);
            var packed = Vector128.Narrow(Vector128.Narrow(color, color).AsUInt16(), Vector128<ushort>.Zero).AsUInt32().ToScalar();
            var target = row.Slice(3 * i, 3);
            var (red, green, blue) = ((byte)packed, (byte)(packed >> 8), (byte)(packed >> 16));
            if (mix)
                (red, green, blue) = (Average(red, target[0]), Average(green, target[1]), Average(blue, target[2]));
            (target[0], target[1], target[2]) = (red, green, blue);
        }

        static long Fixed(double value) => (long)Math.Floor(value * (1L << 32));

        static float Fraction(long value) => (int)((uint)value >> 8) * (1f / (1 << 24));

        static byte Average(byte a, byte b) => (byte)((a + b + 1) >> 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Blend(Vector128<float> a, Vector128<float> b, Vector128<float> share) => a + (b - a) * share;

    /// <summary>Three channels and a byte that does not count.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Pixel(ref byte at)
    {
        var bytes = Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<uint>(ref at)).AsByte();
        return Vector128.ConvertToSingle(Vector128.WidenLower(Vector128.WidenLower(bytes)).AsInt32());
    }
}
