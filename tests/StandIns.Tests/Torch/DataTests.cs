using System.Runtime.InteropServices;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace StandIns.Tests.Torch;

public sealed class DataTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Items_and_data_are_strict_about_the_dtype()
    {
        var i = tensor(3L);
        Assert.Equal(3L, i.item<long>());
        Assert.Throws<ArgumentException>(() => i.item<int>());
        Assert.Throws<ArgumentException>(() => tensor(1f).item<double>());
        Assert.Throws<ArgumentException>(() => tensor(new[] { 1, 2 }).data<float>());
        Assert.Throws<ArgumentException>(() => tensor(new[] { 1, 2 }).item<int>());
        Assert.Equal(3, i.ToInt32());
        Assert.Equal(3f, i.ToSingle());
        Assert.Equal(3.0, i.ToDouble());
        Assert.True(i.ToBoolean());
        Assert.Equal(2, (int)tensor(2.9f));
    }

    [Fact]
    public void Half_precisions_convert_and_round_to_even()
    {
        var x = tensor(new[] { 1f, 1.00390625f, 1.01171875f, -3.3895314e38f, float.NaN });
        var b = x.to(bfloat16);
        Assert.Equal(2, b.element_size());
        var raw = b.data<BFloat16>().ToArray();
        Assert.Equal(x.to(bfloat16).to(float32).data<float>().ToArray(), raw.Select(v => v.ToSingle()));
        Assert.Equal(raw, x.data<float>().ToArray().Select(v => new BFloat16(v)));
        Assert.Equal([1f, 1f, 1.015625f], raw.Take(3).Select(v => v.ToSingle()));
        Assert.Equal(1.5f, tensor(new[] { new BFloat16(1.5f) }).@float().item<float>());
        Assert.Equal((Half)1.5f, tensor(1.5f).half().item<Half>());
        Assert.Equal(float.PositiveInfinity, tensor(70000f).half().ToSingle());
        Assert.Equal(0x3FC0, BitConverter.ToUInt16(tensor(1.5f).bfloat16().bytes));
    }

    [Fact]
    public void Conversions_share_or_copy()
    {
        var a = tensor(new[] { 1f, 2f });
        a.to(float32).zero_();
        Assert.Equal(0f, a.sum().item<float>());
        a.to(float32, copy: true).add_(1);
        Assert.Equal(0f, a.sum().item<float>());
        var gone = tensor(new[] { 1f });
        Assert.Equal(ScalarType.Int32, gone.to(int32, disposeAfter: true).dtype);
        Assert.True(gone.IsInvalid);
        Assert.Equal(DeviceType.CPU, a.to(CPU).device.type);
        Assert.Equal("cuda:1", new Device("cuda:1").ToString());
        Assert.Equal("cpu", a.to("cpu").device.ToString());
    }

    [Fact]
    public void Accessors_follow_strides()
    {
        var t = arange(6).reshape(2, 3).t();
        using var data = t.data<long>();
        Assert.Equal([0L, 3, 1, 4, 2, 5], data.ToArray());
        Assert.Equal(4L, data[1, 1]);
        data[2, 0] = 9;
        data.CopyFrom([7L, 8L], tensorIndex: 2);
        Assert.Equal([0L, 3, 7, 8, 9, 5], data);
        Assert.Throws<IndexOutOfRangeException>(() => data[3, 0]);
        var target = new long[8];
        data.CopyTo(target, 1, 2);
        Assert.Equal([0L, 7, 8, 9, 5, 0, 0, 0], target);
    }

    [Fact]
    public void Bytes_are_the_memory()
    {
        var t = zeros(2, dtype: int32);
        MemoryMarshal.Cast<byte, int>(t.bytes)[1] = 5;
        Assert.Equal([0, 5], t.data<int>().ToArray());
        t.bytes = new byte[] { 1, 0, 0, 0, 2, 0, 0, 0 };
        Assert.Equal([1, 2], t.data<int>().ToArray());
        Assert.Throws<InvalidOperationException>(() => { _ = zeros(2, 3).t().bytes; });
    }

    [Fact]
    public void Frombuffer_shares_the_arrays_memory_until_it_is_gone()
    {
        var array = new[] { 1f, 2f, 3f, 4f };
        var t = frombuffer(array, float32);
        array[0] = 10;
        Assert.Equal(10f, t[0].item<float>());
        t.add_(1);
        Assert.Equal([11f, 3, 4, 5], array);
        var part = frombuffer(array, float32, count: 2, offset: 1).reshape(1, 2);
        Assert.Equal([3f, 4], part.data<float>().ToArray());
        Assert.Throws<IndexOutOfRangeException>(() => frombuffer(array, float32, count: 4, offset: 1));
        var weak = Drop();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.False(weak.TryGetTarget(out _));

        static WeakReference<float[]> Drop()
        {
            var dropped = new float[1000];
            frombuffer(dropped, float32).Dispose();
            return new(dropped);
        }
    }

    [Fact]
    public void Use_after_dispose_is_an_invalid_operation()
    {
        var t = ones(3);
        t.Dispose();
        t.Dispose();
        Assert.True(t.IsInvalid);
        Assert.Throws<InvalidOperationException>(() => t + 1);
        Assert.Throws<InvalidOperationException>(() => t.shape);
        Assert.Throws<InvalidOperationException>(() => cat([ones(2), t]));
        Assert.Throws<InvalidOperationException>(() => t.backward());
    }
}
