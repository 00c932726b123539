using Pss.Engine.Boxes;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Boxes;

public class BoxCoderTests
{
    [Fact]
    public void Golden_deltas()
    {
        using var scope = NewDisposeScope();
        // The anchor (32, 32, 96, 96) is that of the point (64, 64) at stride 8.
        var deltas = BoxCoder.For(BoxEncoding.Deltas).Encode(tensor(new double[] { 40, 50, 110, 120 }), tensor(new double[] { 64, 64 }), tensor(8.0));
        OracleTensors.Close(tensor(new[] { 1.71875, 3.28125, 0.4480608, 0.4480608 }), deltas, 1e-7);
    }

    [Theory]
    [InlineData(BoxEncoding.Distances)]
    [InlineData(BoxEncoding.Deltas)]
    public void Decoding_undoes_encoding(BoxEncoding form)
    {
        using var scope = NewDisposeScope();
        var grid = AnchorPoints.Create([new(4, 5, 8), new(2, 3, 16)], PointOffset.HalfStride, CPU, ScalarType.Float64);
        var boxes = cat([grid.Points - 7.3, grid.Points + 21.9], -1);
        var code = BoxCoder.For(form, 4).Encode(boxes, grid.Points, grid.Strides);
        OracleTensors.Close(boxes, BoxCoder.For(form, 4).Decode(code, grid.Points, grid.Strides), 1e-13);
    }

    [Fact]
    public void Sizes_are_limited_to_1000_over_16_times_the_anchor()
    {
        using var scope = NewDisposeScope();
        var box = BoxCoder.For(BoxEncoding.Deltas).Decode(tensor(new[] { 0, 0, 1e9, -1e9 }), zeros(2, dtype: ScalarType.Float64), tensor(1.0));
        OracleTensors.Close(tensor(new[] { -250, -0.064, 250, 0.064 }), box, 1e-12);
    }

    [Fact]
    public void Locations_run_row_by_row_and_level_by_level()
    {
        using var scope = NewDisposeScope();
        IReadOnlyList<LevelShape> levels = [new(2, 3, 8), new(1, 2, 128)];
        var grid = AnchorPoints.Create(levels, PointOffset.HalfStride, CPU);
        float[] expected = [4, 4, 12, 4, 20, 4, 4, 12, 12, 12, 20, 12, 64, 64, 192, 64];
        Assert.Equal(expected, grid.Points.contiguous().data<float>().ToArray());
        Assert.Equal([8, 8, 8, 8, 8, 8, 128, 128], grid.Strides.data<float>().ToArray());
        var corner = AnchorPoints.Create(levels, PointOffset.Corner, CPU);
        Assert.Equal([0, 0, 8, 0], corner.Points.contiguous().data<float>().ToArray()[..4]);
    }

    [Fact]
    public void Each_image_of_a_batch_has_points_and_strides_of_its_own()
    {
        using var scope = NewDisposeScope();
        // Two images of three locations, as the candidates of a batch are: not a shape whose axes could be mistaken for each other.
        var points = tensor(new double[] { 4, 4, 12, 4, 20, 4, 8, 8, 24, 8, 40, 8 }, [2, 3, 2]);
        var strides = tensor(new double[] { 8, 8, 8, 16, 16, 16 }, [2, 3]);
        var code = tensor(new[] { 0.5, 0.25, 1, 2 }).expand(2, 3, 4);
        var boxes = tensor(new double[] { 0, 2, 12, 20, 8, 2, 20, 20, 16, 2, 28, 20, 0, 4, 24, 40, 16, 4, 40, 40, 32, 4, 56, 40 }, [2, 3, 4]);
        var coder = BoxCoder.For(BoxEncoding.Distances);
        OracleTensors.Close(boxes, coder.Decode(code, points, strides), 1e-12);
        OracleTensors.Close(code, coder.Encode(boxes, points, strides), 1e-12);

        // Half a side of two strides, 8 or 16 pixels, to each side of the point.
        var anchors = tensor(new double[] { -4, -4, 12, 12, 4, -4, 20, 12, 12, -4, 28, 12, -8, -8, 24, 24, 8, -8, 40, 24, 24, -8, 56, 24 }, [2, 3, 4]);
        OracleTensors.Close(anchors, DeltaCoder.Anchors(points, strides, 2), 1e-12);
    }

    [Fact]
    public void Side_distances_are_negative_outside()
    {
        using var scope = NewDisposeScope();
        var grid = AnchorPoints.Create([new(1, 2, 8)], PointOffset.HalfStride, CPU);
        // Of the points (4, 4) and (12, 4): left, top, right and bottom are 3, 2, 5, 4 and 11, 2, -3, 4.
        var (nearest, farthest) = grid.SideDistances(tensor(new float[] { 1, 2, 9, 8 }, [1, 1, 4]));
        Assert.Equal([2, -3], nearest.data<float>().ToArray());
        Assert.Equal([5, 11], farthest.data<float>().ToArray());
    }
}
