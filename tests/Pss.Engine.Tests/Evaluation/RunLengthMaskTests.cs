using Pss.Engine.Data;
using Pss.Engine.Evaluation;

namespace Pss.Engine.Tests.Evaluation;

public sealed class RunLengthMaskTests
{
    public static TheoryData<string> Primitives => [.. CocoOracle.Read("mask_primitives.json").EnumerateArray().Select(c => c.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(Primitives))]
    public void Polygons_and_runs_give_the_masks_of_pycocotools(string name)
    {
        var expected = CocoOracle.Read("mask_primitives.json").EnumerateArray().Single(c => c.GetProperty("name").GetString() == name);
        var (height, width) = (expected.GetProperty("height").GetInt32(), expected.GetProperty("width").GetInt32());

        var mask = CocoOracle.Mask(expected.GetProperty("segmentation"), height, width);

        Assert.Equal(expected.GetProperty("uncompressed").EnumerateArray().Select(count => count.GetInt32()), mask.Counts);
        Assert.Equal(expected.GetProperty("rle").GetString(), mask.ToCompressed());
        Assert.Equal(mask, RleSegmentation.FromCompressed(height, width, mask.ToCompressed()));
        Assert.Equal(expected.GetProperty("area").GetInt32(), RunLengthMask.Area(mask));
        Assert.Equal(CocoOracle.Box(CocoOracle.Numbers(expected.GetProperty("bbox"))), RunLengthMask.Bounds(mask));
    }

    [Fact]
    public void Overlaps_of_masks_are_those_of_pycocotools()
    {
        var expected = CocoOracle.Read("iou_primitives.json").GetProperty("mask_iou");
        RleSegmentation[] Masks(string side) =>
            [.. expected.GetProperty(side).EnumerateArray().Select(text => RleSegmentation.FromCompressed(64, 64, text.GetString()!))];
        var (detections, objects) = (Masks("dt"), Masks("gt"));
        var crowds = expected.GetProperty("gt_iscrowd").EnumerateArray().Select(flag => flag.GetInt32() == 1).ToArray();
        for (var d = 0; d < detections.Length; d++)
            for (var g = 0; g < objects.Length; g++)
                Assert.Equal(expected.GetProperty("iou_dt_x_gt")[d][g].GetDouble(), RunLengthMask.IoU(detections[d], objects[g], crowds[g]), 1e-12);
    }

    [Fact]
    public void Overlaps_of_boxes_are_those_of_pycocotools()
    {
        var expected = CocoOracle.Read("iou_primitives.json").GetProperty("bbox_iou");
        BoundingBox[] Boxes(string side) => [.. expected.GetProperty(side).EnumerateArray().Select(box => CocoOracle.Box(CocoOracle.Numbers(box)))];
        var (detections, objects) = (Boxes("dt_xywh"), Boxes("gt_xywh"));
        var crowds = expected.GetProperty("gt_iscrowd").EnumerateArray().Select(flag => flag.GetInt32() == 1).ToArray();
        for (var d = 0; d < detections.Length; d++)
            for (var g = 0; g < objects.Length; g++)
                Assert.Equal(expected.GetProperty("iou_dt_x_gt")[d][g].GetDouble(), BoxOverlap.IoU(detections[d], objects[g], crowds[g]), 1e-12);
    }

    [Fact]
    public void Union_and_intersection_are_those_of_pycocotools()
    {
        var expected = CocoOracle.Read("iou_primitives.json").GetProperty("merge");
        RleSegmentation Mask(string name) => RleSegmentation.FromCompressed(64, 64, expected.GetProperty(name).GetString()!);
        Assert.Equal(Mask("union"), RunLengthMask.Union(Mask("a"), Mask("b")));
        Assert.Equal(Mask("intersection"), RunLengthMask.Intersection(Mask("a"), Mask("b")));
    }

    [Theory]
    [InlineData(1, 1, 0.5)]
    [InlineData(1, 40, 0.5)]
    [InlineData(40, 1, 0.1)]
    [InlineData(13, 29, 0.5)]
    [InlineData(64, 31, 0.02)]
    [InlineData(17, 17, 0.98)]
    [InlineData(8, 9, 0)]
    [InlineData(8, 9, 1)]
    public void Runs_agree_with_plain_bitmaps(int height, int width, double density)
    {
        var random = new SeededRandom(height * 1000 + width);
        for (var round = 0; round < 20; round++)
        {
            var (a, b) = (Bitmap(random, height, width, density), Bitmap(random, height, width, 0.5));
            var (maskA, maskB) = (RunLengthMask.FromBitmap(a, height, width), RunLengthMask.FromBitmap(b, height, width));

            Assert.Equal(a, RunLengthMask.ToBitmap(maskA));
            Assert.Equal(maskA, RleSegmentation.FromCompressed(height, width, maskA.ToCompressed()));
            Assert.Equal(a.Count(set => set), RunLengthMask.Area(maskA));
            Assert.Equal(PlainBounds(a, width), RunLengthMask.Bounds(maskA));
            var (union, common) = (RunLengthMask.Union(maskA, maskB), RunLengthMask.Intersection(maskA, maskB));
            Assert.Equal(a.Zip(b, (x, y) => x || y), RunLengthMask.ToBitmap(union));
            Assert.Equal(a.Zip(b, (x, y) => x && y), RunLengthMask.ToBitmap(common));
            Assert.Equal(RunLengthMask.FromBitmap(RunLengthMask.ToBitmap(union), height, width), union);
            var (shared, all) = (RunLengthMask.Area(common), RunLengthMask.Area(union));
            Assert.Equal(all == 0 ? 0 : (double)shared / all, RunLengthMask.IoU(maskA, maskB, isCrowd: false));
            Assert.Equal(shared == 0 ? 0 : (double)shared / RunLengthMask.Area(maskA), RunLengthMask.IoU(maskA, maskB, isCrowd: true));
        }
    }

    [Fact]
    public void Empty_runs_inside_a_mask_change_nothing()
    {
        var (odd, plain) = (new RleSegmentation(4, 5, [0, 0, 3, 2, 0, 1, 14, 0]), new RleSegmentation(4, 5, [3, 3, 14]));
        Assert.Equal(plain, RunLengthMask.Union(odd, odd));
        Assert.Equal(RunLengthMask.Bounds(plain), RunLengthMask.Bounds(odd));
        Assert.Equal(1, RunLengthMask.IoU(odd, plain, isCrowd: false));
    }

    [Fact]
    public void Invalid_masks_are_refused_with_the_reason()
    {
        var mask = new RleSegmentation(4, 5, [20]);
        Refused("sum to 19", () => RunLengthMask.Area(new RleSegmentation(4, 5, [3, 16])));
        Refused("a run of -1", () => RunLengthMask.Area(new RleSegmentation(4, 5, [21, -1])));
        Refused("5 x 4, the other 4 x 5", () => RunLengthMask.Union(mask, new RleSegmentation(5, 4, [20])));
        Refused("the image is 6 x 4", () => RunLengthMask.From(mask, 4, 6));
        Refused("at least three corners", () => RunLengthMask.FromPolygons([[1, 1, 2, 2]], 4, 5));
        Refused("a corner at NaN", () => RunLengthMask.FromPolygons([[1, 1, 2, double.NaN, 3, 3]], 4, 5));
        Refused("the bitmap holds 3 pixels", () => RunLengthMask.FromBitmap([true, false, true], 4, 5));
    }

    private static void Refused(string reason, Action action) => Assert.Contains(reason, Assert.ThrowsAny<ArgumentException>(action).Message);

    private static bool[] Bitmap(SeededRandom random, int height, int width, double density) =>
        [.. Enumerable.Range(0, height * width).Select(_ => random.NextDouble() < density)];

    private static BoundingBox PlainBounds(bool[] bitmap, int width)
    {
        var set = Enumerable.Range(0, bitmap.Length).Where(i => bitmap[i]).Select(i => (X: i % width, Y: i / width)).ToArray();
        return set.Length == 0 ? default : BoundingBox.FromCorners(set.Min(p => p.X), set.Min(p => p.Y), set.Max(p => p.X) + 1, set.Max(p => p.Y) + 1);
    }
}
