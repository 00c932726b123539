using System.Text.Json;
using Pss.Engine.Evaluation;

namespace Pss.Engine.Tests.Evaluation;

public sealed class CocoEvaluatorOracleTests
{
    private const double Tolerance = 1e-12;

    public static TheoryData<string> Folders => ["a_tiny_crowd", "c_many_categories", "f_bccd_val_jitter", "g_segm_small"];

    public static TheoryData<string> FoldersWithCurves => ["a_tiny_crowd", "g_segm_small"];

    [Theory]
    [MemberData(nameof(Folders))]
    public void The_twelve_numbers_are_those_of_pycocotools(string folder)
    {
        var oracle = new CocoOracle(folder);
        var evaluation = oracle.Evaluate();

        Near(CocoOracle.Numbers(oracle.Expected.GetProperty("stats")), evaluation.Summary.ToArray());
        Near(CocoOracle.Numbers(oracle.Expected.GetProperty("per_iou_AP")), evaluation.AveragePrecisionByIou);
        Near(CocoOracle.Numbers(oracle.Expected.GetProperty("per_iou_AR100")), evaluation.RecallByIou);
        Assert.Equal(oracle.Expected.GetProperty("stat_names").EnumerateArray().Select(name => name.GetString()), CocoSummary.Names);
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void So_are_those_of_every_category(string folder)
    {
        var oracle = new CocoOracle(folder);
        var evaluation = oracle.Evaluate();
        var expected = oracle.Expected.GetProperty("per_category").EnumerateArray().ToArray();

        Assert.Equal(expected.Length, evaluation.Categories.Count);
        foreach (var (numbers, category) in expected.Zip(evaluation.Categories))
        {
            Assert.Equal(numbers.GetProperty("category_id").GetInt64(), category.Category.Id);
            Near([.. CocoSummary.Names.Select(name => numbers.GetProperty(name).GetDouble())], category.Summary.ToArray());
            Assert.Equal<double>(CocoOracle.Numbers(numbers.GetProperty("npig")), category.Objects.Select(count => (double)count));
        }
    }

    [Theory]
    [MemberData(nameof(FoldersWithCurves))]
    public void So_are_precision_and_score_by_recall(string folder)
    {
        var oracle = new CocoOracle(folder);
        var evaluation = oracle.Evaluate();
        var precision = oracle.Expected.GetProperty("precision_area_all_maxdet100");
        var scores = oracle.Expected.GetProperty("scores_area_all_maxdet100");

        Assert.Equal(precision.EnumerateObject().Count(), evaluation.Categories.Count);
        foreach (var category in evaluation.Categories)
            for (var t = 0; t < CocoEvaluation.IouThresholds.Count; t++)
            {
                var curve = CocoOracle.Numbers(precision.GetProperty($"{category.Category.Id}")[t]);
                Near(curve, category.Precision[t]);
                Near(CocoOracle.Numbers(scores.GetProperty($"{category.Category.Id}")[t]), category.Scores[t]);
                Assert.Equal(curve.Average(), category.AveragePrecisionByIou[t], Tolerance);
            }
    }

    [Theory]
    [MemberData(nameof(FoldersWithCurves))]
    public void So_are_the_matches_of_every_image(string folder)
    {
        var oracle = new CocoOracle(folder);
        var matches = oracle.Evaluate(new CocoEvaluatorOptions { KeepMatches = true }).Matches
            .ToDictionary(match => (match.ImageId, match.CategoryId));
        var expected = oracle.Expected.GetProperty("matches_area_all").EnumerateArray().ToArray();

        Assert.Equal(expected.Length, matches.Count);
        foreach (var image in expected)
        {
            var match = matches[(image.GetProperty("image_id").GetInt64(), image.GetProperty("category_id").GetInt64())];
            Assert.Equal(Integers(image, "dt_index_in_file"), match.Detections.Select(d => (long)d));
            Assert.Equal(Integers(image, "gt_ids"), match.Objects.Select(g => oracle.ObjectIds[g]));
            foreach (var (iou, t) in new[] { (50, 0), (75, 5) })
            {
                Assert.Equal(Integers(image, $"dt_matched_gt_id_iou{iou}"), match.MatchedObject[t].Select(g => g < 0 ? 0 : oracle.ObjectIds[g]));
                Assert.Equal(image.GetProperty($"dt_ignored_iou{iou}").EnumerateArray().Select(flag => flag.GetBoolean()), match.Ignored[t]);
            }
        }
    }

    [Fact]
    public void Thresholds_are_those_of_numpy_to_the_bit()
    {
        var recall = CocoOracle.Read("recThrs.json");
        var iou = CocoOracle.Read("iouThrs.json");
        Assert.Equal(CocoOracle.Numbers(recall.ValueKind == JsonValueKind.Array ? recall : recall.GetProperty("recThrs")), CocoEvaluation.RecallThresholds);
        Assert.Equal(CocoOracle.Numbers(iou.ValueKind == JsonValueKind.Array ? iou : iou.GetProperty("iouThrs")), CocoEvaluation.IouThresholds);
    }

    private static IEnumerable<long> Integers(JsonElement record, string name) =>
        record.GetProperty(name).EnumerateArray().Select(number => number.GetInt64());

    private static void Near(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= Tolerance, $"number {i}: expected {expected[i]:R}, got {actual[i]:R}");
    }
}
