using System.Text;

namespace StandIns.Tests.Onnx;

/// <summary>Writes ONNX files field by field: just enough of protobuf for graphs of a few nodes.</summary>
internal static class OnnxModelWriter
{
    public const int Float = 1, UInt8 = 2, Long = 7, Text = 8;

    public static byte[] Model(params byte[][] graphFields)
        => [.. Number(1, 8), .. Bytes(7, [.. String(2, "test"), .. graphFields.SelectMany(field => field)]), .. Bytes(8, [.. String(1, ""), .. Number(2, 17)])];

    /// <summary>Dimensions are numbers or names.</summary>
    public static byte[] Input(string name, int type, params object[] shape) => Value(11, name, type, shape);

    public static byte[] Output(string name, int type, params object[] shape) => Value(12, name, type, shape);

    public static byte[] Node(string operation, string inputs, string output, params byte[][] attributes)
        => Bytes(1, [.. inputs.Split(' ').SelectMany(input => String(1, input)), .. String(2, output), .. String(4, operation),
            .. attributes.SelectMany(attribute => attribute)]);

    public static byte[] Attribute(string name, long value) => Bytes(5, [.. String(1, name), .. Number(3, value), .. Number(20, 2)]);

    public static byte[] Constant(string name, params string[] values)
        => Bytes(5, [.. Number(1, values.Length), .. Number(2, Text), .. values.SelectMany(value => String(6, value)), .. String(8, name)]);

    public static byte[] Constant(string name, params long[] values)
        => Bytes(5, [.. Number(1, values.Length), .. Number(2, Long), .. Bytes(9, [.. values.SelectMany(BitConverter.GetBytes)]), .. String(8, name)]);

    public static byte[] Constant(string name, params float[] values)
        => Bytes(5, [.. Number(1, values.Length), .. Number(2, Float), .. Bytes(9, [.. values.SelectMany(BitConverter.GetBytes)]), .. String(8, name)]);

    private static byte[] Value(int field, string name, int type, object[] shape)
    {
        byte[] dimensions = [.. shape.SelectMany(size => Bytes(1, size is string symbol ? String(2, symbol) : Number(1, (int)size)))];
        return Bytes(field, [.. String(1, name), .. Bytes(2, Bytes(1, [.. Number(1, type), .. Bytes(2, dimensions)]))]);
    }

    private static byte[] Number(int field, long value) => [.. Varint((ulong)field << 3), .. Varint((ulong)value)];

    private static byte[] String(int field, string text) => Bytes(field, Encoding.UTF8.GetBytes(text));

    private static byte[] Bytes(int field, byte[] bytes) => [.. Varint((ulong)field << 3 | 2), .. Varint((ulong)bytes.Length), .. bytes];

    private static IEnumerable<byte> Varint(ulong value)
    {
        for (; value > 127; value >>= 7)
            yield return (byte)(value | 128);
        yield return (byte)value;
    }
}
