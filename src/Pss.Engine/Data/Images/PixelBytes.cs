using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Pss.Engine.Data.Images;

/// <summary>Copies pixels between layouts of three and four bytes per pixel.</summary>
internal static class PixelBytes
{
    private const int Step = 4;

    /// <summary>Copies pixels of four bytes to three, dropping the last byte.</summary>
    /// <param name="from">The pixels.</param>
    /// <param name="to">The target, of as many pixels.</param>
    /// <param name="swap">Whether to swap red and blue.</param>
    public static void DropAlpha(ReadOnlySpan<byte> from, Span<byte> to, bool swap = false)
    {
        var order = swap
            ? Vector128.Create((byte)2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, 255, 255, 255, 255)
            : Vector128.Create((byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 255, 255, 255, 255);
        ref var source = ref MemoryMarshal.GetReference(from);
        ref var target = ref MemoryMarshal.GetReference(to);
        var count = Math.Min(from.Length / 4, to.Length / 3);
        var x = 0;
        // Each store writes four bytes past its pixels, which the next store overwrites.
        for (; x + Step + 2 <= count; x += Step)
            Vector128.Shuffle(Vector128.LoadUnsafe(ref source, (nuint)(4 * x)), order).StoreUnsafe(ref target, (nuint)(3 * x));
        var (red, blue) = swap ? (2, 0) : (0, 2);
        for (; x < count; x++)
            (to[3 * x], to[3 * x + 1], to[3 * x + 2]) = (from[4 * x + red], from[4 * x + 1], from[4 * x + blue]);
    }

    /// <summary>Copies pixels of three bytes to four, the last of which is 255.</summary>
    public static void AddAlpha(ReadOnlySpan<byte> from, Span<byte> to)
    {
        var order = Vector128.Create((byte)0, 1, 2, 255, 3, 4, 5, 255, 6, 7, 8, 255, 9, 10, 11, 255);
        var opaque = Vector128.Create(0xFF000000).AsByte();
        ref var source = ref MemoryMarshal.GetReference(from);
        ref var target = ref MemoryMarshal.GetReference(to);
        var count = Math.Min(from.Length / 3, to.Length / 4);
        var x = 0;
        // Each load reads four bytes past its pixels, which must exist.
        for (; x + Step + 2 <= count; x += Step)
            (Vector128.Shuffle(Vector128.LoadUnsafe(ref source, (nuint)(3 * x)), order) | opaque).StoreUnsafe(ref target, (nuint)(4 * x));
        for (; x < count; x++)
            (to[4 * x], to[4 * x + 1], to[4 * x + 2], to[4 * x + 3]) = (from[3 * x], from[3 * x + 1], from[3 * x + 2], 255);
    }
}
