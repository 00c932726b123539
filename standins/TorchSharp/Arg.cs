using System.Runtime.InteropServices;
using System.Text;

namespace TorchSharp;

/// <summary>
/// One argument of an <see cref="Op"/>. Everything an operator takes converts to it implicitly; a null becomes None
/// (an absent optional). Enumerations of libtorch (dtype, reduction) are integers.
/// </summary>
internal readonly struct Arg
{
    internal static readonly Arg None = default;

    private readonly ValueTag tag;
    private readonly long bits;
    private readonly object? reference;

    private Arg(ValueTag tag, long bits, object? reference = null)
    {
        this.tag = tag;
        this.bits = bits;
        this.reference = reference;
    }

    public static implicit operator Arg(torch.Tensor? tensor) => tensor is null ? None : new(ValueTag.Tensor, 0, tensor);

    public static implicit operator Arg(long value) => new(ValueTag.Int, value);

    public static implicit operator Arg(long? value) => value is { } v ? new(ValueTag.Int, v) : None;

    public static implicit operator Arg(double value) => new(ValueTag.Double, BitConverter.DoubleToInt64Bits(value));

    public static implicit operator Arg(bool value) => new(ValueTag.Bool, value ? 1 : 0);

    public static implicit operator Arg(Scalar? scalar) => scalar is null ? None : new(scalar.Tag, scalar.Bits);

    public static implicit operator Arg(torch.ScalarType? dtype) => dtype is { } v ? new(ValueTag.Int, (long)v) : None;

    public static implicit operator Arg(string? text) => text is null ? None : new(ValueTag.String, 0, Encoding.UTF8.GetBytes(text));

    public static implicit operator Arg(long[]? values) => values is null ? None : new(ValueTag.IntList, 0, values);

    public static implicit operator Arg(ReadOnlySpan<long> values) => new(ValueTag.IntList, 0, values.ToArray());

    public static implicit operator Arg(double[]? values) => values is null ? None : new(ValueTag.DoubleList, 0, values);

    public static implicit operator Arg(torch.Device? device) =>
        device is null ? None : new(ValueTag.Device, ((long)device.type << 32) | (uint)device.index);

    public static implicit operator Arg(torch.Generator? generator) => generator is null ? None : new(ValueTag.Generator, 0, generator);

    /// <summary>A Tensor[] argument.</summary>
    internal static Arg List(IEnumerable<torch.Tensor> tensors) => new(ValueTag.TensorList, 0, tensors as torch.Tensor[] ?? tensors.ToArray());

    /// <summary>A Tensor?[] argument.</summary>
    internal static Arg OptionalList(torch.Tensor?[] tensors) => new(ValueTag.OptionalTensorList, 0, tensors);

    /// <summary>The 8-byte words that the argument needs beside its NativeValue.</summary>
    internal int Words => tag switch
    {
        ValueTag.IntList => ((long[])reference!).Length,
        ValueTag.DoubleList => ((double[])reference!).Length,
        ValueTag.TensorList or ValueTag.OptionalTensorList => ((torch.Tensor?[])reference!).Length,
        ValueTag.String => (((byte[])reference!).Length + 7) / 8,
        _ => 0,
    };

    /// <summary>Writes the argument; lists are copied to <paramref name="words"/>, which must not move. Returns the next free word.</summary>
    internal unsafe long* Write(NativeValue* value, long* words)
    {
        value->Tag = tag;
        value->Length = Words;
        value->Integer = bits;
        switch (tag)
        {
            case ValueTag.Tensor:
                value->Pointer = ((torch.Tensor)reference!).Handle;
                return words;
            case ValueTag.Device:
                value->Length = (int)(bits >> 32);
                value->Integer = (int)bits;
                return words;
            case ValueTag.Generator:
                value->Pointer = ((torch.Generator)reference!).Handle;
                return words;
            case ValueTag.IntList:
                ((long[])reference!).CopyTo(new Span<long>(words, value->Length));
                break;
            case ValueTag.DoubleList:
                ((double[])reference!).CopyTo(new Span<double>(words, value->Length));
                break;
            case ValueTag.String:
                var text = (byte[])reference!;
                text.CopyTo(new Span<byte>(words, text.Length));
                value->Pointer = (nint)words;
                words += value->Length;
                value->Length = text.Length;
                return words;
            case ValueTag.TensorList or ValueTag.OptionalTensorList:
                var tensors = (torch.Tensor?[])reference!;
                for (var i = 0; i < tensors.Length; i++) words[i] = tensors[i]?.Handle ?? 0;
                break;
            default:
                return words;
        }

        value->Pointer = (nint)words;
        return words + value->Length;
    }
}
