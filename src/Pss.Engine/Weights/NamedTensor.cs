using System.Runtime.InteropServices;

namespace Pss.Engine.Weights;

/// <summary>One array of a weight file.</summary>
/// <param name="Name">Its name, such as <c>backbone.body.conv1.weight</c>.</param>
/// <param name="Dtype">Encoding of the elements.</param>
/// <param name="Shape">Sizes of the dimensions, outermost first; empty for a scalar.</param>
/// <param name="Data">The elements in row-major order, little-endian, without gaps.</param>
internal sealed record NamedTensor(string Name, WeightDtype Dtype, IReadOnlyList<long> Shape, ReadOnlyMemory<byte> Data)
{
    /// <summary>Number of elements; 1 for a scalar.</summary>
    public long Count => Shape.Aggregate(1L, (count, size) => checked(count * size));

    /// <summary>Size of one element in bytes.</summary>
    public static int SizeOf(WeightDtype dtype) => dtype switch
    {
        WeightDtype.Bool or WeightDtype.UInt8 or WeightDtype.Int8 => 1,
        WeightDtype.Int16 or WeightDtype.Float16 or WeightDtype.BFloat16 => 2,
        WeightDtype.Int32 or WeightDtype.Float32 => 4,
        WeightDtype.Int64 or WeightDtype.Float64 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "unknown element type"),
    };

    /// <summary>Makes an array of single-precision numbers.</summary>
    /// <exception cref="ArgumentException">There are more or fewer values than <paramref name="shape"/> has elements.</exception>
    public static NamedTensor FromSingles(string name, IReadOnlyList<long> shape, ReadOnlySpan<float> values)
    {
        var tensor = new NamedTensor(name, WeightDtype.Float32, shape, MemoryMarshal.AsBytes(values).ToArray());
        if (tensor.Count != values.Length)
            throw new ArgumentException($"{name}: {values.Length} values do not fill the shape [{string.Join(", ", shape)}]", nameof(values));
        return tensor;
    }

    /// <summary>The same numbers, rounded to the nearest in half of the bytes; an array of another type than Float32 as it is.</summary>
    public NamedTensor ToBFloat16() => Dtype != WeightDtype.Float32 ? this
        : this with { Dtype = WeightDtype.BFloat16, Data = MemoryMarshal.AsBytes<ushort>(Array.ConvertAll(ToSingles(), Round)).ToArray() };

    /// <summary>Converts the elements to single precision; Float64 and Int64 are rounded.</summary>
    public float[] ToSingles()
    {
        var bytes = Data.Span;
        return Dtype switch
        {
            WeightDtype.Float32 => MemoryMarshal.Cast<byte, float>(bytes).ToArray(),
            WeightDtype.Float64 => Convert<double>(bytes, value => (float)value),
            WeightDtype.Float16 => Convert<Half>(bytes, value => (float)value),
            WeightDtype.BFloat16 => Convert<ushort>(bytes, value => BitConverter.Int32BitsToSingle(value << 16)),
            WeightDtype.Int64 => Convert<long>(bytes, value => value),
            WeightDtype.Int32 => Convert<int>(bytes, value => value),
            WeightDtype.Int16 => Convert<short>(bytes, value => value),
            WeightDtype.Int8 => Convert<sbyte>(bytes, value => value),
            _ => Convert<byte>(bytes, value => value),
        };
    }

    /// <summary>The upper half of a number, rounded to the nearest and to even, as libtorch does.</summary>
    private static ushort Round(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? (ushort)0x7FC0 : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    private static float[] Convert<T>(ReadOnlySpan<byte> bytes, Func<T, float> convert) where T : struct =>
        Array.ConvertAll(MemoryMarshal.Cast<byte, T>(bytes).ToArray(), value => convert(value));
}
