using Pss.Engine.Layers;

namespace Pss.Engine.Tests.Layers;

public sealed class ValueRangeTests
{
    [Theory]
    [InlineData(-1, 3)]
    [InlineData(0, 0.1)]
    [InlineData(2, 5)]
    [InlineData(-7, -2)]
    [InlineData(-0.001, 1000)]
    public void Bytes_cover_the_range_and_zero_is_exact(float min, float max)
    {
        var (scale, zero) = new ValueRange(min, max).ToBytes();
        Assert.InRange((0 - zero) * scale, Math.Min(min, 0) - scale, Math.Min(min, 0) + scale);
        Assert.InRange((255 - zero) * scale, Math.Max(max, 0) - scale, Math.Max(max, 0) + scale);
    }

    [Fact]
    public void A_range_without_extent_still_has_a_step() => Assert.True(new ValueRange(0, 0).ToBytes().Scale > 0);

    [Fact]
    public void Ranges_join_and_are_cut_by_a_relu()
    {
        var range = new ValueRange(-1, 2).Union(new(-3, 1));
        Assert.Equal(new ValueRange(-3, 2), range);
        Assert.Equal(new ValueRange(0, 2), range.Relu());
        Assert.Equal(new ValueRange(0, 0), new ValueRange(-3, -2).Relu());
    }
}
