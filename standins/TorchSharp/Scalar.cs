namespace TorchSharp;

public sealed class Scalar : IDisposable
{
    private Scalar(ValueTag tag, long bits)
    {
        Tag = tag;
        Bits = bits;
    }

    internal ValueTag Tag { get; }

    internal long Bits { get; }

    internal torch.ScalarType Type => Tag switch
    {
        ValueTag.Bool => torch.ScalarType.Bool,
        ValueTag.Int => torch.ScalarType.Int64,
        _ => torch.ScalarType.Float64,
    };

    internal double AsDouble => Tag == ValueTag.Double ? BitConverter.Int64BitsToDouble(Bits) : Bits;

    internal long AsInt64 => Tag == ValueTag.Double ? checked((long)AsDouble) : Bits;

    internal static Scalar From(NativeValue value) => new(value.Tag, value.Integer);

    public static implicit operator Scalar(int value) => new(ValueTag.Int, value);

    public static implicit operator Scalar(long value) => new(ValueTag.Int, value);

    public static implicit operator Scalar(float value) => (double)value;

    public static implicit operator Scalar(double value) => new(ValueTag.Double, BitConverter.DoubleToInt64Bits(value));

    public void Dispose()
    {
    }
}
