using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace StandIns.Tests.Torch;

public sealed class ReductionTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Tensor x = tensor(new[,] { { 3f, -1f, 2f }, { 0f, 5f, 2f } });

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Sums_and_means()
    {
        Assert.Equal(11f, x.sum().item<float>());
        Equal([3, 4, 4], x.sum(dim: 0));
        Equal([4, 7], x.sum(1));
        // The literal 0 is a dtype rather than a dimension: the real library's overloads do the same.
        Assert.Equal(ScalarType.Byte, tensor(new byte[] { 1, 2 }).sum(0).dtype);
        Assert.Equal([2L, 1], x.sum(1, keepdim: true).shape);
        Equal([11], x.sum([0L, 1]).reshape(1));
        Assert.Equal(11f, x.sum(0, 1).item<float>());
        Assert.Equal(11f / 6, x.mean().item<float>());
        Equal([1.5f, 2, 2], x.mean([0]));
        Assert.Equal(ScalarType.Float64, x.sum(ScalarType.Float64).dtype);
        Assert.Equal(2L, (x > 2).sum().item<long>());
        Equal([0, -5, 4], x.prod(dim: 0));
        Equal([3, 2, 4, 0, 5, 7], x.cumsum(1).flatten());
        Assert.Equal(5L, x.count_nonzero().item<long>());
    }

    [Fact]
    public void Extremes()
    {
        Assert.Equal(5f, x.max().item<float>());
        Assert.Equal(-1f, x.min().item<float>());
        var (values, indexes) = x.max(1);
        Equal([3, 5], values);
        Equal([0L, 1], indexes);
        (values, indexes) = min(x, 0, keepdim: true);
        Assert.Equal([1L, 3], values.shape);
        Equal([1L, 0], indexes.flatten().slice(0, 0, 2, 1));
        Equal([3, 5, 2], x.amax(0));
        Equal([-1, 0], x.amin([1]));
        Assert.Equal(5f, x.amax([0, 1]).item<float>());
        Assert.Equal(4L, x.argmax().item<long>());
        Equal([0L, 1], x.argmax(1));
        Equal([1L, 0], x.argmin(-1));
    }

    [Fact]
    public void Truth_spread_and_norms()
    {
        Assert.True((bool)(x > 4).any());
        Assert.False((bool)(x > 4).all());
        Assert.Equal([false, true, false], (x > 4).any(0).data<bool>().ToArray());
        Assert.Equal([false, false], (x > 0).all(1).data<bool>().ToArray());
        var row = tensor(new[] { 1.0, 2.0, 3.0, 6.0 });
        Assert.Equal(Math.Sqrt(14.0 / 3), row.std().item<double>(), 12);
        Assert.Equal(14.0 / 4, row.var(unbiased: false).item<double>(), 12);
        Assert.Equal(14.0 / 3, row.var(0).item<double>(), 12);
        Assert.Equal(Math.Sqrt(14.0 / 4), row.reshape(2, 2).std([0, 1], unbiased: false).item<double>(), 12);
        Assert.Equal(5f, tensor(new[] { 3f, 4f }).norm().item<float>());
        Assert.Equal(7f, tensor(new[] { 3f, -4f }).norm(1f).item<float>());
        Equal([3, MathF.Sqrt(26), MathF.Sqrt(8)], x.norm(0));
    }

    [Fact]
    public void Order()
    {
        var (values, indexes) = x.topk(2, 1);
        Equal([3, 2, 5, 2], values.flatten());
        Equal([0L, 2, 1, 2], indexes.flatten());
        var smallest = topk(x, 1, 0, largest: false);
        Equal([0, -1, 2], smallest.values.flatten());
        Assert.Equal([1L, 0], smallest.indices.flatten().slice(0, 0, 2, 1).data<long>().ToArray());
        var sorted = x.sort(1, descending: true);
        Equal([3, 2, -1, 5, 2, 0], sorted.Values.flatten());
        Equal([0L, 2, 1, 1, 2, 0], sorted.Indices.flatten());
        Equal([1L, 2, 0, 0, 2, 1], x.argsort().flatten());
        var ties = zeros(1000, dtype: ScalarType.Float32).sort(stable: true).Indices;
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => (long)i), ties.data<long>().ToArray());
        var (output, inverse, counts) = tensor(new long[] { 4, 1, 4, 2, 4 }).unique(return_inverse: true, return_counts: true);
        Equal([1L, 2, 4], output);
        Equal([2L, 0, 2, 1, 2], inverse!);
        Equal([1L, 1, 3], counts!);
        Assert.Null(output.unique().counts);
        Equal([0L, 2, 3], bincount(tensor(new long[] { 1, 1, 2, 2, 2 })));
        Equal([1L, 3], searchsorted(tensor(new[] { 1f, 2f, 3f }), tensor(new[] { 1.5f, 9f })));
    }

    private static void Equal(double[] expected, Tensor actual) => Assert.Equal(expected, actual.to(float64).data<double>().ToArray());
}
