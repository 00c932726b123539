namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor reshape(params long[] shape) => Ops.Reshape.Call([this, shape]);

        public Tensor view(params long[] shape) => Ops.View.Call([this, shape]);

        public Tensor flatten(long start_dim = 0L, long end_dim = -1L) => Ops.Flatten.Call([this, start_dim, end_dim]);

        public Tensor squeeze(long? dim = null) => dim is { } d ? Ops.SqueezeDim.Call([this, d]) : Ops.Squeeze.Call([this]);

        public Tensor unsqueeze(long dim) => Ops.Unsqueeze.Call([this, dim]);

        public Tensor permute(params long[] permutation) => Ops.Permute.Call([this, permutation]);

        public Tensor transpose(long dim0, long dim1) => Ops.Transpose.Call([this, dim0, dim1]);

        public Tensor t() => Ops.T.Call([this]);

        public Tensor expand(params long[] sizes) => Ops.Expand.Call([this, sizes]);

        public Tensor broadcast_to(params long[] shape) => Ops.BroadcastTo.Call([this, shape]);

        public Tensor repeat(params long[] sizes) => Ops.Repeat.Call([this, sizes]);

        public Tensor repeat_interleave(long repeats, long? dim = null, long? output_size = null) =>
            Ops.RepeatInterleave.Call([this, repeats, dim, output_size]);

        public Tensor flip(params long[] dims) => Ops.Flip.Call([this, dims]);

        public Tensor roll(long shifts, long? dims = null) =>
            Ops.Roll.Call([this, (long[])[shifts], dims is { } d ? new[] { d } : Array.Empty<long>()]);

        public Tensor narrow(long dim, long start, long length) => Ops.Narrow.Call([this, dim, start, length]);

        public Tensor alias() => Ops.Alias.Call([this]);

        public Tensor[] split(long size, int dim = 0) => Ops.Split.CallList([this, size, dim]);

        public Tensor[] split(ReadOnlySpan<long> sizes, long dim = 0L) => Ops.SplitSizes.CallList([this, sizes, dim]);

        public Tensor[] chunk(long chunks, long dim = 0L) => Ops.Chunk.CallList([this, chunks, dim]);

        public Tensor unfold(long dimension, long size, long step) => Ops.Unfold.Call([this, dimension, size, step]);

        public Tensor[] unbind(long dimension = 0L) => Ops.Unbind.CallList([this, dimension]);
    }
}
