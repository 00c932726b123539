using System.Globalization;

namespace TorchSharp;

public readonly struct BFloat16 : IEquatable<BFloat16>
{
    private readonly ushort raw;

    public BFloat16(float f)
    {
        var bits = BitConverter.SingleToUInt32Bits(f);
        // Round to the nearest, ties to even; a NaN stays one.
        raw = float.IsNaN(f) ? (ushort)0x7FC0 : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    public float ToSingle() => BitConverter.UInt32BitsToSingle((uint)raw << 16);

    public bool Equals(BFloat16 other) => ToSingle().Equals(other.ToSingle());

    public override bool Equals(object? obj) => obj is BFloat16 other && Equals(other);

    public override int GetHashCode() => ToSingle().GetHashCode();

    public override string ToString() => ToSingle().ToString(CultureInfo.InvariantCulture);
}
