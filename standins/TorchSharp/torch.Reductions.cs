namespace TorchSharp;

public static partial class torch
{
    public static Tensor maximum(Tensor input, Tensor other) => input.maximum(other);

    public static (Tensor values, Tensor indexes) min(Tensor input, long dim, bool keepdim = false) => input.min(dim, keepdim);

    public static Tensor minimum(Tensor input, Tensor other) => input.minimum(other);

    public static Tensor bincount(Tensor input, Tensor? weights = null, long minlength = 0L) => input.bincount(weights, minlength);

    public static (Tensor values, Tensor indices) topk(Tensor tensor, int k, int dim = -1, bool largest = true, bool sorted = true) =>
        tensor.topk(k, dim, largest, sorted);

    public static Tensor searchsorted(
        Tensor sorted_sequence, Tensor values, bool out_int32 = false, bool right = false, Tensor? sorter = null) =>
        Ops.SearchSorted.Call([sorted_sequence, values, out_int32, right, Arg.None, sorter]);
}
