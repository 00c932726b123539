using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace StandIns.Tests.Torch;

public sealed class ArithmeticTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Operators_between_tensors_and_numbers()
    {
        var a = tensor(new[] { 1f, 2f, 4f });
        var b = tensor(new[] { 3f, 5f, 7f });
        Equal([4, 7, 11], a + b);
        Equal([-2, -3, -3], a - b);
        Equal([3, 10, 28], a * b);
        Equal([3, 2.5f, 1.75f], b / a);
        Equal([2, 3, 5], a + 1);
        Equal([2, 3, 5], 1 + a);
        Equal([0.5f, 1.5f, 3.5f], a - 0.5);
        Equal([9, 8, 6], 10 - a);
        Equal([2, 4, 8], a * 2f);
        Equal([2, 4, 8], 2.0 * a);
        Equal([0.5f, 1, 2], a / 2);
        Equal([8, 4, 2], 8 / a);
        Equal([1, 2, 1], a % 3);
        Equal([-1, -2, -4], -a);
        Equal([1, 4, 16], a.pow(2));
        Equal([1, 32, 16384], a.pow(b));
    }

    [Fact]
    public void A_number_keeps_the_tensors_dtype_and_division_of_integers_is_true_division()
    {
        var i = tensor(new long[] { 1, 2, 3 });
        Assert.Equal(ScalarType.Int64, (i + 1).dtype);
        Assert.Equal(ScalarType.Float32, (i * 1.5).dtype);
        Assert.Equal(ScalarType.Float32, (i / 2).dtype);
        Assert.Equal([0L, 1, 1], i.div(2, RoundingMode.floor).data<long>().ToArray());
        Assert.Equal([0L, -1, -1], (-i).div(2, RoundingMode.trunc).data<long>().ToArray());
        Assert.Equal([0L, 1, 1], i.floor_divide(2).data<long>().ToArray());
        Assert.Equal(ScalarType.Float32, (tensor(new[] { 1f }) * tensor(2.0)).dtype);
    }

    [Fact]
    public void A_number_may_stand_on_either_side_and_a_whole_one_keeps_integers()
    {
        var a = tensor(new long[] { 1, 2, 4 });
        var (two, half) = (2L, 0.5);
        Assert.Equal([3L, 4, 6], (a + two).data<long>().ToArray());
        Assert.Equal([3L, 4, 6], (two + a).data<long>().ToArray());
        Assert.Equal([-1L, 0, 2], (a - two).data<long>().ToArray());
        Assert.Equal([1L, 0, -2], (two - a).data<long>().ToArray());
        Assert.Equal([2L, 4, 8], (a * two).data<long>().ToArray());
        Assert.Equal([2L, 4, 8], (two * a).data<long>().ToArray());
        Equal([0.5f, 1, 2], a / two);
        Equal([2, 1, 0.5f], two / a);
        Equal([1.5f, 2.5f, 4.5f], half + a);
        Equal([0.5f, 0.25f, 0.125f], half / a);
        Tensor number = (Scalar)3;
        Assert.Equal((ScalarType.Int64, 3L), (number.dtype, number.item<long>()));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Comparisons_take_a_tensor_or_a_number_on_either_side(float number)
    {
        float[] values = [1, 2, 3];
        var (a, b, n) = (tensor(values), full([3], number), (Scalar)number);
        Compare(v => v < number, a < b, a < n, n > a);
        Compare(v => v <= number, a <= b, a <= n, n >= a);
        Compare(v => v > number, a > b, a > n, n < a);
        Compare(v => v >= number, a >= b, a >= n, n <= a);
        Compare(v => v == number, a == b, a == n, n == a);
        Compare(v => v != number, a != b, a != n, n != a);

        void Compare(Func<float, bool> expected, params Tensor[] actual)
            => Assert.All(actual, mask => Equal(Array.ConvertAll(values, v => expected(v)), mask));
    }

    [Fact]
    public void Comparisons_and_logic()
    {
        var a = tensor(new[] { 1f, 2f, 3f });
        var b = tensor(new[] { 3f, 2f, 1f });
        Equal([true, false, false], a < b);
        Equal([true, true, false], a <= b);
        Equal([false, true, false], a == b);
        Equal([true, false, true], a != b);
        Equal([false, true, true], a >= 2);
        Equal([false, false, true], a > 2f);
        Equal([true, false, false], 1 == a);
        Equal([false, true, false], (a > 1) & (a < 3));
        Equal([true, false, true], (a < 2) | (a > 2));
        Equal([true, false, true], ~(a == 2));
        Equal([true, true, true], logical_or(a > 1, b > 1));
        Equal([false, true, false], logical_and(a > 1, b > 1));
        Equal([true, false, true], logical_xor(a > 1, b > 1));
        Equal([false, false, false], a.logical_not());
    }

    [Fact]
    public void Elementwise_functions()
    {
        var x = tensor(new[] { -1.5f, 0.25f, 2.5f });
        Equal([1.5f, 0.25f, 2.5f], x.abs());
        Equal([-2, 0, 2], x.floor());
        Equal([-1, 1, 3], x.ceil());
        Equal([-2, 0, 2], x.round());
        Equal([-1, 1, 1], x.sign());
        Equal([0, 0.25f, 2.5f], x.relu());
        Equal([-1, 0.25f, 1], x.clamp(-1, 1));
        Equal([0, 0.25f, 2.5f], x.clamp(min: 0));
        Equal([2.25f, 0.0625f, 6.25f], x.square());
        Near(x.exp(), MathF.Exp);
        Near(x.expm1(), v => MathF.Exp(v) - 1);
        Near(x.sigmoid(), v => 1 / (1 + MathF.Exp(-v)));
        Near(x.abs().sqrt(), v => MathF.Sqrt(MathF.Abs(v)), x);
        Near(x.abs().log(), v => MathF.Log(MathF.Abs(v)), x);
        Near(x.abs().log1p(), v => MathF.Log(1 + MathF.Abs(v)), x);
        Equal([-1.5f, 1, 2], x.minimum(tensor(new[] { 3f, 1f, 2f })).maximum(tensor(new[] { -2f, 1f, 0f })));
        Equal([false, true, true], tensor(new[] { 0f, float.NaN, float.PositiveInfinity }).isfinite().logical_not());
        Equal([false, true, false], tensor(new[] { 0f, float.NaN, float.PositiveInfinity }).isnan());
        Equal([1, 0.25f, 3], where(x > 0, x, tensor(new[] { 1f, 1f, 1f })).clamp(max: tensor(new[] { 3f, 0.25f, 9f })).ceil().minimum(tensor(new[] { 1f, 0.25f, 3f })));
    }

    [Fact]
    public void In_place_returns_a_new_wrapper_over_the_same_storage()
    {
        var a = tensor(new[] { 1f, 2f, 3f });
        var b = a.add_(1);
        Assert.NotSame(a, b);
        b.mul_(2f);
        Equal([4, 6, 8], a);
        b.Dispose();
        Assert.False(a.IsInvalid);
        a.sub_(tensor(new[] { 1f, 1f, 1f }));
        Equal([3, 5, 7], a);
        a.div_(2);
        Equal([1.5f, 2.5f, 3.5f], a);
        a.clamp_(2, 3);
        Equal([2, 2.5f, 3], a);
        a.addcmul_(tensor(new[] { 1f, 2f, 3f }), tensor(new[] { 2f, 2f, 2f }), 0.5);
        Equal([3, 4.5f, 6], a);
        a.addcdiv_(tensor(new[] { 4f, 4f, 4f }), tensor(new[] { 2f, 4f, 8f }), -1);
        Equal([1, 3.5f, 5.5f], a);
        a.masked_fill_(a > 3, 0);
        Equal([1, 0, 0], a);
        a.copy_(tensor(new long[] { 7, 8, 9 }));
        Equal([7, 8, 9], a);
        a.fill_(2).zero_();
        Equal([0, 0, 0], a);
    }

    [Fact]
    public void Products()
    {
        var a = tensor(new[,] { { 1f, 2f }, { 3f, 4f } });
        var b = tensor(new[,] { { 5f, 6f }, { 7f, 8f } });
        Equal([19, 22, 43, 50], a.mm(b).flatten());
        Equal([19, 22, 43, 50], matmul(a, b).flatten());
        Equal([19, 22, 43, 50], a.unsqueeze(0).bmm(b.unsqueeze(0)).flatten());
        Equal([17, 39], a.matmul(tensor(new[] { 5f, 6f })));
        Assert.Equal(11f, a[0].dot(a[1]).item<float>());
    }

    [Fact]
    public void Softmax_and_logsumexp()
    {
        var x = tensor(new[,] { { 0f, MathF.Log(3) }, { 1000f, 1000f } });
        Assert.True(x.softmax(1).allclose(tensor(new[,] { { .25f, .75f }, { .5f, .5f } })));
        Assert.True(x.logsumexp(1).allclose(tensor(new[] { MathF.Log(4), 1000f + MathF.Log(2) })));
        Assert.True(x[0, 0].logaddexp(x[0, 1]).allclose(tensor(MathF.Log(4))));
        Assert.True(x.log_softmax(1).allclose(x.softmax(1).log()));
    }

    private static void Equal(float[] expected, Tensor actual) => Assert.Equal(expected, actual.data<float>().ToArray());

    private static void Equal(bool[] expected, Tensor actual) => Assert.Equal(expected, actual.data<bool>().ToArray());

    private static void Near(Tensor actual, Func<float, float> expected, Tensor? at = null)
    {
        var x = (at ?? tensor(new[] { -1.5f, 0.25f, 2.5f })).data<float>().ToArray();
        Assert.True(actual.allclose(tensor(Array.ConvertAll(x, v => expected(v))), rtol: 1e-5));
    }
}
