namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor sum(ScalarType? type = null) => Ops.Sum.Call([this, type]);

        public Tensor sum(long dim, bool keepdim = false, ScalarType? type = null) => Ops.SumDim.Call([this, (long[])[dim], keepdim, type]);

        public Tensor sum(long dim0, long dim1, bool keepdim = false, ScalarType? type = null) =>
            Ops.SumDim.Call([this, (long[])[dim0, dim1], keepdim, type]);

        public Tensor sum(ReadOnlySpan<long> dim, bool keepdim = false, ScalarType? type = null) =>
            Ops.SumDim.Call([this, dim, keepdim, type]);

        public Tensor prod(ScalarType? type = null) => Ops.Prod.Call([this, type]);

        public Tensor prod(long dim, bool keepdim = false, ScalarType? type = null) => Ops.ProdDim.Call([this, dim, keepdim, type]);

        public Tensor mean() => Ops.Mean.Call([this]);

        public Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null) =>
            Ops.MeanDim.Call([this, dimensions, keepdim, type]);

        public Tensor max() => Ops.Max.Call([this]);

        public (Tensor values, Tensor indexes) max(long dim, bool keepdim = false) => Ops.MaxDim.Call2([this, dim, keepdim]);

        public Tensor min() => Ops.Min.Call([this]);

        public (Tensor values, Tensor indexes) min(long dim, bool keepdim = false) => Ops.MinDim.Call2([this, dim, keepdim]);

        public Tensor amax(params long[] dims) => Ops.Amax.Call([this, dims]);

        public Tensor amax(ReadOnlySpan<long> dims, bool keepdim = false, Tensor? @out = null) =>
            Into(@out, Ops.Amax.Call([this, dims, keepdim]));

        public Tensor amin(ReadOnlySpan<long> dims, bool keepdim = false, Tensor? @out = null) =>
            Into(@out, Ops.Amin.Call([this, dims, keepdim]));

        public Tensor argmax() => Ops.ArgMax.Call([this]);

        public Tensor argmax(long dim, bool keepdim = false) => Ops.ArgMax.Call([this, dim, keepdim]);

        public Tensor argmin(long dim, bool keepdim = false) => Ops.ArgMin.Call([this, dim, keepdim]);

        public Tensor any() => Ops.Any.Call([this]);

        public Tensor any(long dim, bool keepdim = false) => Ops.AnyDim.Call([this, dim, keepdim]);

        public Tensor all() => Ops.All.Call([this]);

        public Tensor all(long dim, bool keepdim = false) => Ops.AllDim.Call([this, dim, keepdim]);

        public Tensor std(bool unbiased = true) => Ops.Std.Call([this, unbiased]);

        public Tensor std(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Ops.StdDim.Call([Typed(type), (long[])[dim], unbiased, keepdim]);

        public Tensor std(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Ops.StdDim.Call([Typed(type), dimensions, unbiased, keepdim]);

        public Tensor var(bool unbiased = true) => Ops.Var.Call([this, unbiased]);

        public Tensor var(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Ops.VarDim.Call([Typed(type), (long[])[dim], unbiased, keepdim]);

        public Tensor norm(float p = 2f) => Ops.Norm.Call([this, p]);

        public Tensor norm(int dim, bool keepdim = false, float p = 2f) => Ops.NormDim.Call([this, p, (long[])[dim], keepdim]);

        public Tensor cumsum(long dim, ScalarType? type = null) => Ops.CumSum.Call([this, dim, type]);

        public Tensor count_nonzero(long[]? dims = null) =>
            Ops.CountNonzero.Call([this, dims ?? Enumerable.Range(0, (int)ndim).Select(d => (long)d).ToArray()]);

        internal Tensor bincount(Tensor? weights, long minlength = 0L) => Ops.BinCount.Call([this, weights, minlength]);

        public Tensor logsumexp(long dim, bool keepdim = false) => Ops.LogSumExp.Call([this, (long[])[dim], keepdim]);

        public (Tensor values, Tensor indexes) topk(int k, int dim = -1, bool largest = true, bool sorted = true) =>
            Ops.TopK.Call2([this, k, dim, largest, sorted]);

        public (Tensor Values, Tensor Indices) sort(long dim = -1L, bool descending = false, bool stable = false) =>
            Ops.SortStable.Call2([this, stable, dim, descending]);

        public Tensor argsort(long dim = -1L, bool descending = false) => Ops.ArgSort.Call([this, dim, descending]);

        private Tensor Typed(ScalarType? type) => type is { } wanted ? to(wanted) : this;

        private static Tensor Into(Tensor? target, Tensor result) => target is null ? result : target.copy_(result);
    }
}
