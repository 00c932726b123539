namespace TorchSharp;

public static partial class torch
{
    public static Tensor cat(Tensor[] tensors, long dim = 0L) => Ops.Cat.Call([Arg.List(tensors), dim]);

    public static Tensor cat(IList<Tensor> tensors, long dim = 0L) => Ops.Cat.Call([Arg.List(tensors), dim]);

    public static Tensor cat(ReadOnlySpan<Tensor> tensors, long dim = 0L) => Ops.Cat.Call([Arg.List(tensors.ToArray()), dim]);

    public static Tensor concat(Tensor[] tensors, long dim = 0L) => Ops.Cat.Call([Arg.List(tensors), dim]);

    public static Tensor concat(IList<Tensor> tensors, long dim = 0L) => Ops.Cat.Call([Arg.List(tensors), dim]);

    public static Tensor concat(ReadOnlySpan<Tensor> tensors, long dim = 0L) => Ops.Cat.Call([Arg.List(tensors.ToArray()), dim]);

    public static Tensor stack(IEnumerable<Tensor> tensors, long dim = 0L) => Ops.Stack.Call([Arg.List(tensors), dim]);

    public static Tensor[] split(Tensor tensor, long[] split_size_or_sections, long dim = 0L) => tensor.split(split_size_or_sections, dim);

    public static Tensor[] chunk(Tensor input, long chunks, long dim = 0L) => input.chunk(chunks, dim);

    public static Tensor[] unbind(Tensor input, long dim = 0L) => input.unbind(dim);

    public static IList<Tensor> broadcast_tensors(params Tensor[] tensors) => Ops.BroadcastTensors.CallList([Arg.List(tensors)]);

    public static Tensor broadcast_to(Tensor input, params long[] shape) => input.broadcast_to(shape);

    public static Tensor reshape(Tensor input, params long[] shape) => input.reshape(shape);

    public static Tensor flatten(Tensor input, long start_dim = 0L, long end_dim = -1L) => input.flatten(start_dim, end_dim);

    public static Tensor permute(Tensor input, params long[] permutation) => input.permute(permutation);

    public static Tensor transpose(Tensor input, long dim0, long dim1) => input.transpose(dim0, dim1);

    public static Tensor squeeze(Tensor input, long? dim = null) => input.squeeze(dim);

    public static Tensor unsqueeze(Tensor input, long dim) => input.unsqueeze(dim);

    public static Tensor flip(Tensor input, params long[] dims) => input.flip(dims);

    public static Tensor gather(Tensor input, long dim, Tensor index) => input.gather(dim, index);

    public static Tensor scatter(Tensor input, long dim, Tensor index, Tensor src) => input.scatter(dim, index, src);

    public static Tensor scatter_add(Tensor input, long dim, Tensor index, Tensor src) => input.scatter_add(dim, index, src);

    public static Tensor index_select(Tensor input, long dim, Tensor index) => input.index_select(dim, index);

    public static Tensor masked_select(Tensor input, Tensor mask) => input.masked_select(mask);

    public static Tensor repeat_interleave(Tensor input, Tensor repeats, long? dim = null, long? output_size = null) =>
        input.repeat_interleave(repeats, dim, output_size);

    public static Tensor repeat_interleave(Tensor input, long repeats, long? dim = null, long? output_size = null) =>
        input.repeat_interleave(repeats, dim, output_size);

    public static (
        Tensor output, Tensor? inverse_indices, Tensor? counts) unique(Tensor input, bool sorted = true, bool return_inverse = false, bool return_counts = false, int? dim = null) =>
        input.unique(sorted, return_inverse, return_counts, dim);
}
