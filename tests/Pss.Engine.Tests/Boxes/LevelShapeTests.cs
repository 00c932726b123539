using Pss.Engine.Boxes;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Boxes;

public sealed class LevelShapeTests
{
    [Theory]
    [InlineData(64, 32, 2)]
    [InlineData(65, 32, 3)]
    [InlineData(96, 64, 2)]
    [InlineData(32, 128, 1)]
    public void A_level_covers_the_whole_side(int side, int stride, int cells) => Assert.Equal(cells, LevelShape.Cells(side, stride));

    [Fact]
    public void The_levels_of_an_input_are_P3_to_P7()
    {
        Assert.Equal([new(12, 20, 8), new(6, 10, 16), new(3, 5, 32), new(2, 3, 64), new(1, 2, 128)], LevelShape.Of(96, 160));
        Assert.Equal([240, 60, 15, 6, 2], LevelShape.Of(96, 160).Select(level => level.Count));
    }

    [Fact]
    public void The_area_of_a_box_is_width_times_height()
    {
        using var scope = NewDisposeScope();
        OracleTensors.Close(tensor(new float[] { 20, 0.5f }), BoxOps.Area(tensor(new float[] { 1, 2, 6, 6, -1, -1, 0, -0.5f }).view(2, 4)), 1e-6);
    }
}
