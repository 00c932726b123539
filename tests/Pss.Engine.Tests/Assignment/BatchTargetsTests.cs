using Pss.Engine.Assignment;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Assignment;

public class BatchTargetsTests
{
    [Fact]
    public void Pads_to_the_fullest_image_and_to_one_object_at_least()
    {
        using var scope = NewDisposeScope();
        var batch = BatchTargets.Create([[], [1, 2, 3, 4, 5, 6, 7, 8]], [[], [2, 0]], 3, CPU, [(30, 20), (40, 10)]);
        Assert.Equal([2, 2, 4], batch.Boxes.shape);
        Assert.Equal([0L, 0, 2, 0], batch.Labels.data<long>().ToArray());
        Assert.Equal([false, false, true, true], batch.Valid.data<bool>().ToArray());
        Assert.Equal([30f, 20, 40, 10], batch.ImageSizes!.data<float>().ToArray());
        Assert.Equal([1, 1, 4], BatchTargets.Create([[]], [[]], 3, CPU).Boxes.shape);
    }

    [Theory]
    [InlineData(new float[] { 1, 2, 3 }, new[] { 0 }, "3 coordinates for 1 labels")]
    [InlineData(new float[] { 1, 2, 3, 4 }, new[] { 3 }, "Object 0 of image 1 of the batch has label 3; labels go from 0 to 2")]
    [InlineData(new float[] { 5, 2, 3, 4 }, new[] { 0 }, "Object 0 of image 1 of the batch has the box (5, 2, 3, 4)")]
    [InlineData(new float[] { 1, 2, 3, 2 }, new[] { 0 }, "x1 < x2 and y1 < y2")]
    [InlineData(new float[] { 1, 2, float.NaN, 4 }, new[] { 0 }, "(1, 2, NaN, 4)")]
    [InlineData(new float[] { 1, 2, float.PositiveInfinity, 4 }, new[] { 0 }, "Object 0")]
    public void Names_image_and_object_of_what_is_wrong(float[] boxes, int[] labels, string message)
    {
        var error = Assert.Throws<ArgumentException>(() => BatchTargets.Create([[], boxes], [[], labels], 3, CPU));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void As_many_lists_of_boxes_labels_and_sizes_are_needed()
    {
        foreach (var create in (Action[])[
            () => BatchTargets.Create([], [], 3, CPU),
            () => BatchTargets.Create([[], []], [[]], 3, CPU),
            () => BatchTargets.Create([[]], [[]], 3, CPU, [(8, 8), (8, 8)])])
            Assert.Contains("sizes for", Assert.Throws<ArgumentException>(create).Message);
    }

    [Theory]
    [InlineData(3, 3, 3, 4)]
    [InlineData(1, 4, 3, 4)]
    [InlineData(float.PositiveInfinity, 4, float.PositiveInfinity, 4)]
    public void A_box_without_area_is_no_target(float x1, float y1, float x2, float y2)
        => Assert.Throws<ArgumentException>(() => BatchTargets.Create([[x1, y1, x2, y2]], [[0]], 3, CPU));
}
