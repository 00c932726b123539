using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Pss.Engine.Data.Images;

namespace Pss.Engine.Data.Augmentation;

/// <summary>Draws an image on another through an affine map: bilinear with half-pixel centers and no antialiasing, as <see cref="BilinearScaler"/>.</summary>
internal static class AffinePainter
{
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
            var (startX, startY) = back.Map(0.5, y + 0.5);
            var (first, end) = Inside(back.XX, startX, image.Width, 0, canvas.Width);
            (first, end) = Inside(back.YX, startY, image.Height, first, end);
            if (first < end)
                DrawRow(image, canvas.Pixels.AsSpan(3 * (y * canvas.Width + first), 3 * (end - first)), startX + first * back.XX, startY + first * back.YX, back.XX, back.YX, mix);
        }
    }

    /// <summary>The part of a range of steps in which start + i * step lies in 0 to size.</summary>
    private static (int First, int End) Inside(double step, double start, double size, int first, int end)
    {
        if (step == 0)
            return start >= 0 && start < size ? (first, end) : (0, 0);
        var (zero, full) = (-start / step, (size - start) / step);
        var (from, to) = step > 0 ? (zero, full) : (full, zero);
        return ((int)Math.Clamp(Math.Ceiling(from), first, end), (int)Math.Clamp(Math.Ceiling(to), first, end));
    }

    private static void DrawRow(RgbImage image, Span<byte> row, double x, double y, double stepX, double stepY, bool mix)
    {
        var (lastX, lastY, stride) = (image.Width - 1, image.Height - 1, 3 * image.Width);
        var lastByte = image.Pixels.Length - sizeof(uint);
        ref var pixels = ref MemoryMarshal.GetArrayDataReference(image.Pixels);
        var half = Vector128.Create(0.5f);
        for (int i = 0, at = 0; at + 2 < row.Length; i++, at += 3)
        {
            var left = Math.Clamp(x + i * stepX - 0.5, 0, lastX);
            var top = Math.Clamp(y + i * stepY - 0.5, 0, lastY);
            var (column, line) = ((int)left, (int)top);
            var origin = line * stride + 3 * column;
            var (right, down) = (column < lastX ? 3 : 0, line < lastY ? stride : 0);
            var (across, along) = (Vector128.Create((float)(left - column)), Vector128.Create((float)(top - line)));
            var upper = Blend(Pixel(ref pixels, origin, lastByte), Pixel(ref pixels, origin + right, lastByte), across);
            var lower = Blend(Pixel(ref pixels, origin + down, lastByte), Pixel(ref pixels, origin + down + right, lastByte), across);
            var color = Vector128.ConvertToInt32(Blend(upper, lower, along) + half);
            var (red, green, blue) = (color.GetElement(0), color.GetElement(1), color.GetElement(2));
            if (mix)
                (red, green, blue) = ((red + row[at] + 1) >> 1, (green + row[at + 1] + 1) >> 1, (blue + row[at + 2] + 1) >> 1);
            (row[at], row[at + 1], row[at + 2]) = ((byte)red, (byte)green, (byte)blue);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Blend(Vector128<float> a, Vector128<float> b, Vector128<float> share) => a + (b - a) * share;

    /// <summary>Three channels and a byte that does not count, read at once; the last pixel from a byte before it, so as not to read past the end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Pixel(ref byte pixels, int at, int lastByte)
    {
        var bytes = at <= lastByte
            ? Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref pixels, at))
            : at == 0 ? LoneChannels(ref pixels) : Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref pixels, at - 1)) >> 8;
        return Vector128.ConvertToSingle(Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalarUnsafe(bytes).AsByte())).AsInt32());
    }

    /// <summary>The pixel of an image of a single one.</summary>
    private static uint LoneChannels(ref byte pixels) => pixels | (uint)Unsafe.Add(ref pixels, 1) << 8 | (uint)Unsafe.Add(ref pixels, 2) << 16;
}
