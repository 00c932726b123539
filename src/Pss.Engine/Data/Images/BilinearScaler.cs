using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Pss.Engine.Data.Images;

/// <summary>Receives one finished row of interleaved bytes.</summary>
internal delegate void RowSink(int y, ReadOnlySpan<byte> row);

/// <summary>Bilinear scaling with half-pixel centers and no antialiasing: torch's interpolate(mode="bilinear", align_corners=False) and OpenCV's
/// INTER_LINEAR, rounded to bytes.</summary>
/// <remarks>Scales horizontally first, each source row once, then vertically over whole rows of floats.</remarks>
internal static class BilinearScaler
{
    private const int Block = 32;

    public static void Scale(RgbImage image, int width, int height, RowSink sink)
    {
        var stride = 3 * image.Width;
        var frame = image.Frame;
        if ((width, height) == (image.Width, image.Height) && !frame.IsReduced)
        {
            for (var y = 0; y < height; y++)
                sink(y, image.Pixels.AsSpan(y * stride, stride));
            return;
        }
        var (left, right, across) = Taps(image.Width, frame.Left, frame.Width, width, 3);
        var (top, bottom, down) = Taps(image.Height, frame.Top, frame.Height, height, 1);
        // The last pixel's four-byte load reaches one byte too far.
        var source = new byte[stride + 1];
        var length = 3 * width;
        var padded = (length + 1 + Block - 1) / Block * Block;
        var (upper, lower, result) = (new float[padded], new float[padded], new byte[padded]);
        int upperRow = -1, lowerRow = -1;
        for (var y = 0; y < height; y++)
        {
            if (top[y] == lowerRow)
                (upper, upperRow, lower, lowerRow) = (lower, lowerRow, upper, upperRow);
            Across(top[y], ref upperRow, upper);
            Across(bottom[y], ref lowerRow, lower);
            Blend(upper, lower, down[y], result);
            sink(y, result.AsSpan(0, length));
        }

        void Across(int row, ref int held, float[] target)
        {
            if (held == row)
                return;
            held = row;
            image.Pixels.AsSpan(row * stride, stride).CopyTo(source);
            BlendPixels(source, left, right, across, target);
        }
    }

    /// <summary>For each output position, the two source positions and the weight of the second, computed in float as torch does.</summary>
    /// <param name="from">Number of source positions.</param>
    /// <param name="start">Source position at which the picture begins.</param>
    /// <param name="extent">Number of source positions that the picture spans.</param>
    /// <param name="to">Number of output positions.</param>
    /// <param name="step">Array elements per position.</param>
    private static (int[] First, int[] Second, float[] Weight) Taps(int from, double start, double extent, int to, int step)
    {
        var (first, second, weight) = (new int[to], new int[to], new float[to]);
        var (scale, offset) = ((float)extent / to, (float)start - 0.5f);
        for (var i = 0; i < to; i++)
        {
            var at = Math.Max(0, scale * (i + 0.5f) + offset);
            var whole = Math.Min((int)at, from - 1);
            first[i] = step * whole;
            second[i] = step * Math.Min(whole + 1, from - 1);
            weight[i] = at - whole;
        }
        return (first, second, weight);
    }

    private static void BlendPixels(byte[] source, int[] left, int[] right, float[] weight, float[] target)
    {
        ref var pixels = ref MemoryMarshal.GetArrayDataReference(source);
        ref var written = ref MemoryMarshal.GetArrayDataReference(target);
        // Each store writes one float past its pixel; the next pixel overwrites it, and the row has room past its end.
        for (var x = 0; x < weight.Length; x++)
        {
            var a = Pixel(ref Unsafe.Add(ref pixels, left[x]));
            var b = Pixel(ref Unsafe.Add(ref pixels, right[x]));
            (a + (b - a) * weight[x]).StoreUnsafe(ref Unsafe.Add(ref written, 3 * x));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Pixel(ref byte at)
    {
        var bytes = Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<uint>(ref at)).AsByte();
        return Vector128.ConvertToSingle(Vector128.WidenLower(Vector128.WidenLower(bytes)).AsInt32());
    }

    private static void Blend(float[] upper, float[] lower, float weight, byte[] result)
    {
        ref var a = ref MemoryMarshal.GetArrayDataReference(upper);
        ref var b = ref MemoryMarshal.GetArrayDataReference(lower);
        var (share, half) = (Vector256.Create(weight), Vector256.Create(0.5f));
        for (nuint i = 0; i < (nuint)result.Length; i += Block)
        {
            var first = Vector256.Narrow(Eight(ref a, ref b, i), Eight(ref a, ref b, i + 8));
            var second = Vector256.Narrow(Eight(ref a, ref b, i + 16), Eight(ref a, ref b, i + 24));
            Vector256.Narrow(first, second).AsByte().StoreUnsafe(ref result[i]);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        Vector256<int> Eight(ref float a, ref float b, nuint at)
        {
            var above = Vector256.LoadUnsafe(ref a, at);
            return Vector256.ConvertToInt32(above + (Vector256.LoadUnsafe(ref b, at) - above) * share + half);
        }
    }
}
