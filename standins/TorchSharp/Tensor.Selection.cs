namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor select(long dim, long index) => Ops.Select.Call([this, dim, index]);

        public Tensor slice(long dim, long start, long finish, long step) => Ops.Slice.Call([this, dim, start, finish, step]);

        public Tensor nonzero() => Ops.Nonzero.Call([this]);

        public Tensor masked_select(Tensor mask) => Ops.MaskedSelect.Call([this, mask]);

        public Tensor masked_fill(Tensor mask, Scalar value) => Ops.MaskedFill.Call([this, mask, value]);

        public Tensor masked_fill_(Tensor mask, Scalar value) => Ops.MaskedFill_.Call([this, mask, value]);

        public Tensor gather(long dim, Tensor index) => Ops.Gather.Call([this, dim, index]);

        public Tensor scatter(long dim, Tensor index, Tensor src) => Ops.Scatter.Call([this, dim, index, src]);

        public Tensor scatter_(long dim, Tensor index, Tensor src) => Ops.Scatter_.Call([this, dim, index, src]);

        public Tensor scatter_add(long dim, Tensor index, Tensor src) => Ops.ScatterAdd.Call([this, dim, index, src]);

        public Tensor index_select(long dim, Tensor index) => Ops.IndexSelect.Call([this, dim, index]);

        public Tensor index_add(long dim, Tensor index, Tensor source, Scalar alpha) =>
            Ops.IndexAdd.Call([this, dim, index, source, alpha]);
    }
}
