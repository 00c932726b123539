using Pss.Engine.Assignment;
using Pss.Engine.Boxes;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Assignment;

public class OneToManyAssignmentTests
{
    private static readonly LevelShape[] Levels = [new(32, 40, 8), new(16, 20, 16), new(8, 10, 32), new(4, 5, 64), new(2, 3, 128)];
    private static readonly string[] Sets = ["empty", "one", "five", "twelve", "thirty", "small20", "crowded40", "big8", "oversized6"];

    // The set S of the method's notes: g4 lies between the grid points, g2 is small, g3 is wide.
    private static readonly float[] SetS = [21.3f, 30.9f, 101.1f, 90.2f, 60.4f, 41.7f, 199.2f, 221.3f, 150.6f, 100.9f, 171.3f, 118.8f, 5.2f, 200.7f, 314.1f, 250.3f, 30, 40, 33, 43];

    [Theory]
    [InlineData("off5", PointOffset.HalfStride)]
    [InlineData("off0", PointOffset.Corner)]
    public void Center_sampling_equals_the_oracle(string suffix, PointOffset offset)
    {
        using var scope = NewDisposeScope();
        var file = OracleTensors.Arrays("losses", "fcos_assign.safetensors");
        var grid = AnchorPoints.Create(Levels, offset, CPU);
        OracleTensors.Close(file["locations." + suffix].ToTensor(), grid.Points, 0);

        // All sets as one batch: padding must not matter.
        var objects = Batch(file, suffix);
        var matched = Sampled(grid, objects);
        var anywhere = Sampled(grid, objects, 1e6);
        for (int image = 0; image < Sets.Length; image++)
        {
            string name = $"{Sets[image]}.{suffix}.";
            Assert.Equal(OracleTensors.ToArray(file[name + "matched"].ToTensor()), OracleTensors.ToArray(matched[image]));
            Assert.Equal(OracleTensors.ToArray(file[name + "matched_no_center_sampling"].ToTensor()), OracleTensors.ToArray(anywhere[image]));
            CheckTargets(file, name, grid, objects, matched, image);
        }
    }

    [Theory]
    [InlineData("off5", PointOffset.HalfStride)]
    [InlineData("off0", PointOffset.Corner)]
    public void Adaptive_selection_equals_the_oracle(string suffix, PointOffset offset)
    {
        using var scope = NewDisposeScope();
        var file = OracleTensors.Arrays("losses", "atss_assign.safetensors");
        var grid = AnchorPoints.Create(Levels, offset, CPU);
        OracleTensors.Close(file["anchors." + suffix].ToTensor(), DeltaCoder.Anchors(grid.Points, grid.Strides, 8), 0);

        var objects = Batch(file, suffix);
        var matched = Adaptive(grid, objects);
        for (int image = 0; image < Sets.Length; image++)
        {
            string name = $"{Sets[image]}.{suffix}.";
            Assert.Equal(OracleTensors.ToArray(file[name + "matched"].ToTensor()), OracleTensors.ToArray(matched[image]));
            CheckTargets(file, name, grid, objects, matched, image);
            var positive = matched[image] >= 0;
            if (!positive.any().item<bool>())
                continue;
            var index = positive.nonzero().view(-1);
            var boxes = objects.Boxes[image].index_select(0, matched[image].index_select(0, index));
            var deltas = BoxCoder.For(BoxEncoding.Deltas).Encode(boxes, grid.Points.index_select(0, index), grid.Strides.index_select(0, index));
            var raw = file[name + "target_deltas_raw"].ToTensor().index_select(0, index);
            OracleTensors.Close(raw / tensor(new[] { 0.1, 0.1, 0.2, 0.2 }), deltas, 1e-4);
        }
    }

    [Fact]
    public void Both_ends_of_a_range_belong_to_it_and_equal_areas_go_to_the_first()
    {
        using var scope = NewDisposeScope();
        foreach (var item in OracleTensors.Json("losses", "fcos_assign.json").GetProperty("borderline").EnumerateArray())
        {
            float[] boxes = [.. item.GetProperty("boxes").EnumerateArray().SelectMany(box => box.EnumerateArray()).Select(side => side.GetSingle())];
            var matched = Assign((grid, objects) => Sampled(grid, objects), PointOffset.HalfStride, boxes);
            var expected = item.GetProperty("inclusive (AdelaiDet: lo <= m <= hi)").EnumerateArray().Select(pair => (pair[0].GetInt64(), pair[1].GetInt64()));
            Assert.Equal(expected, matched.Select((gt, location) => ((long)location, gt)).Where(pair => pair.gt >= 0));
        }
    }

    [Fact]
    public void Golden_positives_of_center_sampling()
    {
        var matched = Assign((grid, objects) => Sampled(grid, objects), PointOffset.HalfStride, SetS);
        Assert.Equal(31, matched.Count(gt => gt >= 0));
        Assert.Equal([246, 247, 248, 286, 287, 288, 326, 327, 328], Positives(matched, 0, 0));
        Assert.Equal([539, 540, 579, 580], Positives(matched, 0, 2));
        Assert.Equal([147, 148, 149, 167, 168, 169, 187, 188, 189], Positives(matched, 1, 1));
        Assert.Equal([53, 54, 55], Positives(matched, 2, 1));
        Assert.Equal([63, 64, 65, 73, 74, 75], Positives(matched, 2, 3));

        using var scope = NewDisposeScope();
        Sample(287, 8, 0, [4.8375, 3.6375, 5.1375, 3.775], 0.952528);
        Sample(1280 + 168, 16, 1, [4.725, 5.89375, 3.95, 5.33125], 0.869594);
        Sample(1600 + 63, 32, 3, [3.3375, 0.228125, 6.315625, 1.321875], 0.301991);

        static void Sample(int location, double stride, int gt, double[] distances, double centerness)
        {
            var point = AnchorPoints.Create(Levels, PointOffset.HalfStride, CPU).Points[location];
            var actual = BoxCoder.For(BoxEncoding.Distances).Encode(tensor(SetS).view(5, 4)[gt], point, tensor(stride));
            OracleTensors.Close(tensor(distances), actual, 1e-5);
            OracleTensors.Close(tensor(centerness), BoxOps.Centerness(actual), 1e-6);
        }
    }

    [Fact]
    public void Golden_positives_of_adaptive_selection()
    {
        var matched = Assign(Adaptive, PointOffset.Corner, SetS);
        Assert.Equal(33, matched.Count(gt => gt >= 0));
        Assert.Equal([248, 287, 288, 289, 327, 328, 329, 367, 368], Positives(matched, 0, 0));
        Assert.Equal([539, 540, 541, 579, 580, 581], Positives(matched, 0, 2));
        Assert.Equal([147, 148, 149, 167, 168, 169, 187, 188, 189], Positives(matched, 1, 1));
        Assert.Equal([269, 270, 271, 289, 290, 291, 309, 310, 311], Positives(matched, 1, 3));

        using var scope = NewDisposeScope();
        var grid = AnchorPoints.Create(Levels, PointOffset.Corner, CPU);
        var iou = BoxOps.IouMatrix(DeltaCoder.Anchors(grid.Points, grid.Strides, 8), tensor(SetS).view(5, 4));
        Assert.Equal(0.552681, iou[248, 0].item<float>(), 6);
        Assert.Equal(0.729875, iou[327, 0].item<float>(), 6);
        Assert.Equal(0.090461, iou[540, 2].item<float>(), 6);
        Assert.Equal(0.657240, iou[1280 + 168, 1].item<float>(), 6);
        Assert.Equal(0.250380, iou[1280 + 290, 3].item<float>(), 6);
    }

    [Theory]
    [InlineData(11, -1)]
    [InlineData(15, 0)]
    public void The_deviation_of_adaptive_selection_is_that_of_a_sample(int stride, long expected)
    {
        // One candidate a level, anchors around each other: IoUs of 1, (8 / stride)^2 and almost 0. For a stride of 11 mean and deviation of the sample
        // are 0.510 + 0.500, just above 1; dividing by n instead of n - 1 would give 0.918.
        using var scope = NewDisposeScope();
        var grid = AnchorPoints.Create([new(1, 1, 8), new(1, 1, stride), new(1, 1, 512)], PointOffset.HalfStride, CPU);
        var matched = AdaptiveSelection.Assign(grid, BatchTargets.Create([[-28, -28, 36, 36]], [[0]], 1, CPU), candidatesPerLevel: 1, anchorScale: 8);
        Assert.Equal([expected, -1, -1], OracleTensors.ToArray(matched));
    }

    [Fact]
    public void The_first_level_of_center_sampling_takes_objects_of_less_than_a_pixel()
    {
        var matched = Assign((grid, objects) => Sampled(grid, objects), PointOffset.HalfStride, [3.6f, 3.6f, 4.4f, 4.4f]);
        Assert.Equal([0], Positives(matched, 0, 0));
    }

    private static void CheckTargets(Pss.Engine.Weights.WeightFile file, string name, AnchorPoints grid, BatchTargets objects, Tensor matched, int image)
    {
        var positive = (matched[image] >= 0).nonzero().view(-1);
        if (positive.shape[0] == 0)
            return;
        var boxes = objects.Boxes[image].index_select(0, matched[image].index_select(0, positive));
        var distances = BoxCoder.SideDistances(boxes, grid.Points.index_select(0, positive));
        OracleTensors.Close(file[name + "target_ltrb"].ToTensor().index_select(0, positive), distances, 0);
        OracleTensors.Close(file[name + "target_centerness"].ToTensor().index_select(0, positive), BoxOps.Centerness(distances), 1e-6);
    }

    private static BatchTargets Batch(Pss.Engine.Weights.WeightFile file, string suffix) => BatchTargets.Create(
        [.. Sets.Select(set => file[$"{set}.{suffix}.boxes"].ToSingles())],
        [.. Sets.Select(set => OracleTensors.ToArray(file[$"{set}.{suffix}.labels"].ToTensor()).Select(label => (int)label).ToArray())], 100, CPU);

    private static Tensor Sampled(AnchorPoints grid, BatchTargets objects, double radius = 1.5) => CenterSampling.Assign(grid, objects, radius, [64, 128, 256, 512]);

    private static Tensor Adaptive(AnchorPoints grid, BatchTargets objects) => AdaptiveSelection.Assign(grid, objects, 9, 8);

    private static long[] Assign(Func<AnchorPoints, BatchTargets, Tensor> assign, PointOffset offset, float[] boxes)
    {
        using var scope = NewDisposeScope();
        var grid = AnchorPoints.Create(Levels, offset, CPU);
        return OracleTensors.ToArray(assign(grid, BatchTargets.Create([boxes], [new int[boxes.Length / 4]], 1, CPU)));
    }

    private static IEnumerable<int> Positives(long[] matched, int level, long gt)
    {
        int start = Levels.Take(level).Sum(shape => shape.Count);
        return Enumerable.Range(0, Levels[level].Count).Where(i => matched[start + i] == gt);
    }
}
