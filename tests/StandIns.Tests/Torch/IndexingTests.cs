using System.Runtime.InteropServices;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace StandIns.Tests.Torch;

public sealed class IndexingTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Tensor x = arange(24).reshape(2, 3, 4);

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Integers_and_slices_are_views()
    {
        Assert.Equal(23L, x[1, 2, 3].item<long>());
        Equal([12, 13, 14, 15], x[1, 0]);
        Equal([20, 21, 22, 23], x[-1][-1]);
        Equal([1, 5, 9], x[0, TensorIndex.Colon, 1]);
        Equal([3, 7, 11, 15, 19, 23], x[TensorIndex.Ellipsis, -1].flatten());
        Equal([5, 6], x[0, 1, 1..3]);
        Equal([6, 7], x[0, 1, 2..]);
        Equal([4, 5, 6], x[0, 1, ..^1]);
        Equal([4, 6], x[0, 1, TensorIndex.Slice(step: 2)]);
        Equal([7], x[0, 1, TensorIndex.Slice(-1)]);
        Assert.Equal([2L, 1, 3, 4], x[TensorIndex.Colon, TensorIndex.None].shape);
        Assert.Equal([1L, 2, 3, 4], x[TensorIndex.Null].shape);
        x[0, 0].fill_(-1);
        Assert.Equal(-4L, x[0, 0].sum().item<long>());
    }

    [Fact]
    public void Tensors_and_masks_gather()
    {
        Equal([15, 19], x[1, TensorIndex.Tensor(tensor(new long[] { 0, 1 })), 3]);
        Equal([22, 23], x[x > 21]);
        Equal([0, 23], x[tensor(new long[] { 0, 1 }), tensor(new long[] { 0, 2 }), tensor(new long[] { 0, 3 })]);
        Equal([4, 5, 6, 7, 16, 17, 18, 19], x[TensorIndex.Colon, TensorIndex.Tensor(tensor(new[] { false, true, false }))].flatten());
        Equal([12, 16, 20], x[TensorIndex.Tensor(tensor(1L)), TensorIndex.Colon, 0]);
        Assert.Equal([0L, 3, 4], x[TensorIndex.Bool(false)].squeeze(1).shape[..1].Concat(x.shape[1..]));
        Equal([12, 13, 14, 15], x.index(TensorIndex.Single(1), TensorIndex.Single(0)));
    }

    [Fact]
    public void Setting_writes_through()
    {
        x[0, 0, 0] = 100L;
        x[1, TensorIndex.Colon, 0] = tensor(new long[] { -1, -2, -3 });
        x[x == 23] = 0L;
        x[TensorIndex.Colon, 1, 1..3] = 7L;
        Equal([100, 1, 2, 3, 4, 7, 7, 7, 8, 9, 10, 11, -1, 13, 14, 15, -2, 7, 7, 19, -3, 21, 22, 0], x.flatten());
        x.index_put_(tensor(new long[] { 50, 60 }), tensor(new long[] { 0, 1 }), tensor(new long[] { 2, 2 }), tensor(new long[] { 0, 0 }));
        Equal([50, 60], x[TensorIndex.Colon, 2, 0]);
        x.index_put_(5, TensorIndex.Single(1), TensorIndex.Single(2));
        Equal([5, 5, 5, 5], x[1, 2]);
        var sums = zeros(3);
        sums.index_put_(ones(4), [tensor(new long[] { 0, 2, 2, 2 })], accumulate: true);
        Assert.Equal([1f, 0, 3], sums.data<float>().ToArray());
        var mask = tensor(new[] { true, false, true });
        sums[TensorIndex.Tensor(mask)] = tensor(new[] { 8f, 9f });
        Assert.Equal([8f, 0, 9], sums.data<float>().ToArray());
    }

    [Fact]
    public void Gather_scatter_and_their_kin()
    {
        var rows = tensor(new[,] { { 1f, 2f, 3f }, { 4f, 5f, 6f } });
        var index = tensor(new[,] { { 2L, 0L }, { 1L, 1L } });
        Assert.Equal([3f, 1, 5, 5], rows.gather(1, index).data<float>().ToArray());
        Assert.Equal([10f, 2, 10, 4, 10, 6], rows.scatter(1, index, full_like(rows, 10)).data<float>().ToArray());
        Assert.Equal([2f, 2, 4, 4, 7, 6], rows.scatter_add(1, index, ones_like(rows)).data<float>().ToArray());
        Assert.Equal([3f, 1, 6, 4], rows.index_select(1, tensor(new long[] { 2, 0 })).data<float>().ToArray());
        Assert.Equal([1f, 2, 3, 8, 9, 10], rows.index_add(0, tensor(new long[] { 1, 1 }), full([2, 3], 2f), 1).data<float>().ToArray());
        Assert.Equal([4f, 5, 6], rows.masked_select(rows > 3).data<float>().ToArray());
        Assert.Equal([0f, 0, 0, 4, 5, 6], rows.masked_fill(rows <= 3, 0).data<float>().ToArray());
        Assert.Equal([1L, 0, 1, 1, 1, 2], (rows > 3).nonzero().data<long>().ToArray());
        var found = where(rows > 4);
        Assert.Equal([1L, 2], found[1].data<long>().ToArray());
        Assert.Equal([1f, 1, 3, 4, 5, 1], where(rows % 2 == 1, rows, where(rows == 4, rows, ones_like(rows))).data<float>().ToArray());
    }

    [Fact]
    public void An_index_out_of_range_is_libtorchs_error()
    {
        var error = Assert.Throws<ExternalException>(() => x[2]);
        Assert.Contains("out of range", error.Message, StringComparison.Ordinal);
        Assert.Throws<ExternalException>(() => x[TensorIndex.Tensor(tensor(new long[] { 5 }))]);
    }

    private static void Equal(long[] expected, Tensor actual) => Assert.Equal(expected, actual.data<long>().ToArray());
}
