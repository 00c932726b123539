namespace TorchSharp;

public static partial class torch
{
    public static Tensor logical_and(Tensor left, Tensor right) => left.logical_and(right);

    public static Tensor logical_or(Tensor left, Tensor right) => left.logical_or(right);

    public static Tensor logical_xor(Tensor left, Tensor right) => left.logical_xor(right);

    public static Tensor where(Tensor condition, Tensor x, Tensor y) => Ops.Where.Call([condition, x, y]);

    public static Tensor[] where(Tensor condition) => Ops.WhereIndices.CallList([condition]);

    public static Tensor matmul(Tensor input, Tensor target) => input.matmul(target);
}
