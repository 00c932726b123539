using Pss.Engine.Assignment;
using Pss.Engine.Boxes;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Assignment;

public class OneToOneMatcherTests
{
    [Theory]
    [InlineData("g1")]
    [InlineData("g4")]
    [InlineData("g6_twins")]
    [InlineData("g9_overlapping")]
    public void Quality_and_matches_equal_the_oracle(string name)
    {
        using var scope = NewDisposeScope();
        var file = OracleTensors.Arrays("losses", "matching.safetensors");
        var item = OracleTensors.Json("losses", "matching.json").GetProperty("cases").EnumerateArray().Single(entry => entry.GetProperty("case").GetString() == name);
        var labels = file[name + ".labels"].ToTensor();
        var boxes = file[name + ".boxes"].ToTensor();
        var objects = new BatchTargets(boxes.unsqueeze(0), labels.unsqueeze(0), ones_like(labels).unsqueeze(0) > 0);
        var grid = AnchorPoints.Create([new(16, 20, 8), new(8, 10, 16), new(4, 5, 32), new(2, 3, 64), new(1, 2, 128)], PointOffset.HalfStride, CPU, ScalarType.Float64);
        var omega = CenterSampling.CenterRegion(grid, objects, 1.5);
        Assert.True(omega[0].transpose(0, 1).eq(file[name + ".omega"].ToTensor()).all().item<bool>());
        var iou = BoxOps.IouMatrix(file[name + ".pred_boxes"].ToTensor(), boxes).transpose(0, 1);
        OracleTensors.Close(file[name + ".iou"].ToTensor(), iou, 1e-12);

        var probability = file[name + ".prob"].ToTensor();
        foreach (var (key, kind) in new[] { ("mul", MatchQuality.Multiply), ("add", MatchQuality.Add) })
        {
            var options = new MatchingOptions { Quality = kind, Candidates = MatchCandidates.CenterRegion };
            var score = probability.index_select(1, labels).transpose(0, 1);
            var mask = file[name + ".omega"].ToTensor().to(ScalarType.Float64);
            OracleTensors.Close(file[$"{name}.q_{key}"].ToTensor(), OneToOneMatcher.MatchingScore(options, score, iou) * mask, 1e-12);

            Assert.Equal(item.GetProperty(key).GetProperty("top1").ToLongs(), Match(options));
            var optimal = item.GetProperty(key).GetProperty("optimal");
            Assert.True(optimal.GetProperty("unique").GetBoolean());
            Assert.Equal(optimal.GetProperty("anchor").ToLongs(), Match(options with { Matcher = Matcher.Hungarian }));
        }

        long[] Match(MatchingOptions options) => OracleTensors.ToArray(OneToOneMatcher.Match(
            options, (probability.log() - (1 - probability).log()).unsqueeze(0), file[name + ".pred_boxes"].ToTensor().unsqueeze(0), grid, objects, omega));
    }

    [Fact]
    public void Linear_assignment_equals_the_oracle()
    {
        foreach (var item in OracleTensors.Json("losses", "matching.json").GetProperty("assignment").GetProperty("matrices").EnumerateArray())
        {
            double[][] values = [.. item.GetProperty("q_gt_x_anchor").EnumerateArray().Select(row => row.EnumerateArray().Select(cell => cell.GetDouble()).ToArray())];
            int[] columns = LinearAssignment.Maximize([.. values.SelectMany(row => row)], values.Length, values[0].Length);
            var optimal = item.GetProperty("optimal");
            Assert.Equal(optimal.GetProperty("total").GetDouble(), columns.Select((column, row) => column < 0 ? 0 : values[row][column]).Sum(), 10);
            Assert.Equal(columns.Count(column => column >= 0), columns.Where(column => column >= 0).Distinct().Count());
            if (optimal.GetProperty("unique").GetBoolean())
            {
                var expected = optimal.GetProperty("gt").ToLongs().Zip(optimal.GetProperty("anchor").ToLongs());
                Assert.Equal(expected, columns.Select((column, row) => ((long)row, (long)column)).Where(pair => pair.Item2 >= 0));
            }
        }
    }

    [Fact]
    public void Ties_go_to_the_larger_score_then_the_smaller_distance_then_the_lower_index()
    {
        using var scope = NewDisposeScope();
        // One column an object; its locations all have quality 0, as before the first boxes overlap anything.
        var quality = zeros(1, 4, 4);
        var allowed = tensor(new[] { true, true, true, true, true, true, true, true, true, true, false, false, true, true, false, true }, [4, 4]).transpose(0, 1).unsqueeze(0);
        allowed = cat([allowed.narrow(2, 0, 2), zeros_like(allowed).narrow(2, 0, 1), allowed.narrow(2, 3, 1)], 2);
        var score = tensor(new float[] { 1, 3, 3, 2, 5, 5, 5, 5, 1, 1, 1, 1, 9, 9, 99, 9 }, [4, 4]).transpose(0, 1).unsqueeze(0);
        var distance = tensor(new float[] { 0, 7, 6, 0, 4, 2, 3, 9, 0, 0, 0, 0, 5, 5, 0, 5 }, [4, 4]).transpose(0, 1).unsqueeze(0);
        Assert.Equal([2, 1, -1, 0], OracleTensors.ToArray(OneToOneMatcher.TopOne(quality, allowed, score, distance)));
    }

    [Fact]
    public void Hungarian_drops_matches_outside_the_candidates()
    {
        using var scope = NewDisposeScope();
        // Three objects want two locations; the third object has no candidate at all.
        var quality = tensor(new float[] { 0.9f, 0.8f, 0.5f, 0.7f, 0.1f, 0.5f }, [1, 2, 3]);
        var allowed = tensor(new[] { true, true, false, true, true, false }, [1, 2, 3]);
        Assert.Equal([1, 0, -1], OracleTensors.ToArray(OneToOneMatcher.Hungarian(quality, allowed)));
        var lone = tensor(new[] { true, true, false, false, false, false }, [1, 2, 3]);
        Assert.Equal([0, -1, -1], OracleTensors.ToArray(OneToOneMatcher.Hungarian(quality, lone)));
        Assert.Equal([-1, -1, -1], OracleTensors.ToArray(OneToOneMatcher.Hungarian(quality, zeros_like(lone))));
    }

    [Fact]
    public void With_disjoint_candidates_hungarian_is_top_one()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(5);
        var quality = rand([3, 50, 7], generator: generator);
        var owner = (rand([3, 50, 1], generator: generator) * 9).floor();
        var allowed = owner.eq(arange(7).to(ScalarType.Float32));
        var top = OneToOneMatcher.TopOne(quality, allowed, quality, quality);
        Assert.Equal(OracleTensors.ToArray(top), OracleTensors.ToArray(OneToOneMatcher.Hungarian(quality, allowed)));
    }

    [Fact]
    public void Before_boxes_overlap_the_location_nearest_to_the_center_is_taken()
    {
        using var scope = NewDisposeScope();
        // Points at x = 4, 12 and 20, equal scores, predicted boxes far from the object with its center at (19, 4).
        var grid = AnchorPoints.Create([new(1, 3, 8)], PointOffset.HalfStride, CPU);
        var objects = BatchTargets.Create([[17, 2, 21, 6]], [[0]], 1, CPU);
        var boxes = tensor(new float[] { 500, 500, 510, 510 }).expand(1, 3, 4);
        var matched = OneToOneMatcher.Match(new(), zeros(1, 3, 1), boxes, grid, objects, ones(1, 3, 1, dtype: ScalarType.Bool));
        Assert.Equal([2], OracleTensors.ToArray(matched));
    }

    /// <summary>An object of 100 pixels belongs on P3, one of 200 on P4, one of 3 on P3 and one of 5,000 on P7, whatever the quality elsewhere.</summary>
    [Theory]
    [InlineData(3, 8)]
    [InlineData(100, 8)]
    [InlineData(128, 8)]
    [InlineData(129, 16)]
    [InlineData(256, 16)]
    [InlineData(257, 32)]
    [InlineData(1025, 128)]
    [InlineData(5000, 128)]
    public void Positives_on_the_level_of_their_object_come_first(float side, int stride)
    {
        using var scope = NewDisposeScope();
        var grid = AnchorPoints.Create([.. LevelShape.Strides.Select(each => new LevelShape(1, 1, each))], PointOffset.HalfStride, CPU);
        var objects = BatchTargets.Create([[0, 0, side / 2, side]], [[0]], 1, CPU);
        var level = Array.IndexOf([.. LevelShape.Strides], stride);
        // The level that is asked for predicts nothing, all others the object itself.
        var logits = zeros(1, 5, 1).index_fill(1, tensor(new long[] { level }), -20);
        var boxes = objects.Boxes.expand(1, 5, 4);
        var onLevel = new MatchingOptions { Candidates = MatchCandidates.PositivesOnLevel };
        var all = zeros(1, 5, dtype: ScalarType.Int64);
        Assert.Equal([level], OracleTensors.ToArray(OneToOneMatcher.MatchPositives(onLevel, logits, boxes, grid, objects, all)));
        Assert.NotEqual([level], OracleTensors.ToArray(OneToOneMatcher.MatchPositives(new(), logits, boxes, grid, objects, all)));

        // Without a positive there, it is the best elsewhere.
        var others = all.index_fill(1, tensor(new long[] { level }), -1);
        Assert.Equal(
            OracleTensors.ToArray(OneToOneMatcher.MatchPositives(new(), logits, boxes, grid, objects, others)),
            OracleTensors.ToArray(OneToOneMatcher.MatchPositives(onLevel, logits, boxes, grid, objects, others)));
    }

    [Fact]
    public void Hungarian_keeps_an_allowed_match_of_quality_0()
    {
        using var scope = NewDisposeScope();
        var allowed = tensor(new[] { false, true, false }, [1, 3, 1]);
        Assert.Equal([1], OracleTensors.ToArray(OneToOneMatcher.Hungarian(zeros(1, 3, 1), allowed)));
    }

    [Fact]
    public void The_switch_for_the_hungarian_method_sets_the_matcher()
    {
        Assert.Equal(Matcher.Hungarian, new MatchingOptions { Hungarian = true }.Matcher);
        Assert.Equal(Matcher.TopOne, (new MatchingOptions { Hungarian = true } with { Hungarian = false }).Matcher);
        Assert.True(new MatchingOptions { Matcher = Matcher.Hungarian }.Hungarian);
        Assert.False(new MatchingOptions().Hungarian);
    }
}
