using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace StandIns.Tests.Torch;

public sealed class ShapeTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Joining_and_splitting()
    {
        var a = arange(6).reshape(2, 3);
        Equal([0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5], cat([a, a]).flatten());
        Assert.Equal([2L, 6], cat(new[] { a, a }, 1).shape);
        Assert.Equal([2L, 2, 3], stack([a, a], 1).shape);
        Assert.Equal([2, 1], a.split(2, 1).Select(t => (int)t.shape[1]));
        Assert.Equal([1, 2], a.split([1, 2], 1).Select(t => (int)t.shape[1]));
        Assert.Equal(2, a.chunk(2, 1).Length);
        Equal([3, 4, 5], a.unbind()[1]);
    }

    [Fact]
    public void Views()
    {
        var a = arange(6).reshape(2, 3);
        Equal([0, 3, 1, 4, 2, 5], a.t().flatten());
        Equal([0, 3, 1, 4, 2, 5], a.permute(1, 0).contiguous().view(6));
        Equal([0, 3, 1, 4, 2, 5], a.transpose(0, 1).data<long>().ToArray());
        Assert.False(a.t().is_contiguous());
        Assert.Equal([1L, 3], a.t().stride());
        Assert.Equal([2L, 1, 3], a.unsqueeze(1).shape);
        Assert.Equal([2L, 3], a.unsqueeze(1).squeeze(1).shape);
        Assert.Equal([2L, 3], a.unsqueeze(1).unsqueeze(0).squeeze().shape);
        Assert.Equal([4L, 2, 3], a.expand(4, -1, -1).shape);
        Assert.Equal([4L, 2, 3], a.broadcast_to(4, 2, 3).shape);
        Equal([0, 1, 2, 0, 1, 2], a[0].repeat(2));
        Equal([0, 0, 1, 1, 2, 2], a[0].repeat_interleave(2));
        Equal([5, 4, 3, 2, 1, 0], a.flip(0, 1).flatten());
        Equal([2, 0, 1], a[0].roll(1));
        Equal([1, 4], a.narrow(1, 1, 1).flatten());
        Assert.Equal(3, a.size(-1));
        Assert.Equal(6, a.numel());
        Assert.Equal("[2x3], type = Int64, device = cpu", a.ToString());
    }

    [Fact]
    public void Creation()
    {
        Assert.Equal(ScalarType.Float32, zeros(2, 3).dtype);
        Assert.Equal(ScalarType.Int64, full([2], 3).dtype);
        Assert.Equal(ScalarType.Float32, full([2], 3.0).dtype);
        Assert.Equal(ScalarType.Int64, arange(3).dtype);
        Assert.Equal(ScalarType.Float32, arange(0, 1, 0.25f).dtype);
        Assert.Equal([0f, 0.25f, 0.5f, 0.75f], arange(0, 1, 0.25f).data<float>().ToArray());
        Assert.Equal([0f, 0.5f, 1f], linspace(0, 1, 3).data<float>().ToArray());
        Assert.Equal([1f, 0, 0, 1], eye(2).data<float>().ToArray());
        Assert.Equal(ScalarType.Float64, ones([2], ScalarType.Float64).dtype);
        Assert.True(ones(2, requires_grad: true).requires_grad);
        var grid = meshgrid([arange(2), arange(3)]);
        Equal([0, 0, 0, 1, 1, 1], grid[0].flatten());
        Equal([0, 1, 2, 0, 1, 2], grid[1].flatten());
        Assert.Equal([2L, 1, 2], tensor(new[, ,] { { { 1f, 2f } }, { { 3f, 4f } } }).shape);
        Assert.Equal([2L, 2], tensor(new[] { 1, 2, 3, 4 }, [2, 2]).shape);
        Assert.Equal(ScalarType.Int32, from_array(new[,] { { 1, 2 } }).dtype);
        Assert.Equal(ScalarType.Float16, tensor(new[] { 1f }, dtype: float16).dtype);
        Assert.Equal(ScalarType.Int64, randint(5, [9]).dtype);
        Equal([0, 1, 2, 3], randperm(4).sort().Values);
    }

    private static void Equal(long[] expected, Tensor actual) => Equal(expected, actual.data<long>().ToArray());

    private static void Equal(long[] expected, long[] actual) => Assert.Equal(expected, actual);
}
