namespace TorchSharp;

public static partial class torch
{
    public static Tensor cat(Tensor[] tensors, long dim = 0L) => Ops.Cat.Call([Arg.List(tensors), dim]);

    public static Tensor cat(IList<Tensor> tensors, long dim = 0L) => Ops.Cat.Call([Arg.List(tensors), dim]);

    public static Tensor cat(ReadOnlySpan<Tensor> tensors, long dim = 0L) => Ops.Cat.Call([Arg.List(tensors.ToArray()), dim]);

    public static Tensor stack(IEnumerable<Tensor> tensors, long dim = 0L) => Ops.Stack.Call([Arg.List(tensors), dim]);
}
