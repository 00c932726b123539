using System.Runtime.InteropServices;

namespace Pss.Engine.Distributed;

/// <summary>
/// A sum over processes whose values travel as bfloat16, around a ring: MPI has no such type. Each process adds in float32 and passes its partial sum on,
/// rounded; the complete sums are rounded once more and go around, so that all processes have the same bits.
/// </summary>
/// <param name="transport">The processes.</param>
internal sealed class RoundedSum(ITransport transport)
{
    /// <summary>Replaces each value by its sum over all processes.</summary>
    public void Run(Span<float> values)
    {
        var (rank, size) = (transport.Rank, transport.Size);
        var length = (values.Length + size - 1) / size;
        var (sent, received) = (new ushort[length], new ushort[length]);
        for (var step = 0; step < size - 1; step++)
        {
            Round(Part(values, rank - step, length), sent);
            Rotate(sent, received);
            Add(Part(values, rank - step - 1, length), received);
        }
        Round(Part(values, rank + 1, length), sent);
        for (var step = 0; step < size; step++)
        {
            Widen(Part(values, rank + 1 - step, length), sent);
            if (step < size - 1)
                Rotate(sent, received);
            (sent, received) = (received, sent);
        }
    }

    /// <summary>The upper half of a float, to the nearest, ties to even.</summary>
    public static ushort Round(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        // Rounding could carry a NaN into a number.
        return float.IsNaN(value) ? (ushort)(bits >> 16 | 0x40) : (ushort)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
    }

    private static float Widen(ushort value) => BitConverter.UInt32BitsToSingle((uint)value << 16);

    private Span<float> Part(Span<float> values, int part, int length)
    {
        var first = Math.Min(values.Length, (part + 2 * transport.Size) % transport.Size * length);
        return values.Slice(first, Math.Min(length, values.Length - first));
    }

    private void Rotate(ushort[] send, ushort[] receive)
        => transport.Rotate(MemoryMarshal.AsBytes(send.AsSpan()), MemoryMarshal.AsBytes(receive.AsSpan()));

    private static void Round(ReadOnlySpan<float> values, ushort[] rounded)
    {
        for (var i = 0; i < values.Length; i++)
            rounded[i] = Round(values[i]);
    }

    private static void Add(Span<float> values, ushort[] rounded)
    {
        for (var i = 0; i < values.Length; i++)
            values[i] += Widen(rounded[i]);
    }

    private static void Widen(Span<float> values, ushort[] rounded)
    {
        for (var i = 0; i < values.Length; i++)
            values[i] = Widen(rounded[i]);
    }
}
