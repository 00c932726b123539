using Pss.Engine.Assignment;
using Pss.Engine.Boxes;
using Pss.Engine.Detectors;
using Pss.Engine.Losses;
using Pss.Engine.Weights;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Detectors;

public class DetectorLossTests
{
    private static readonly LevelShape[] Levels = [new(16, 16, 8), new(8, 8, 16), new(4, 4, 32), new(2, 2, 64), new(1, 1, 128)];

    [Theory]
    [InlineData(StopGradient.None, true, true)]
    [InlineData(StopGradient.Features, false, true)]
    [InlineData(StopGradient.Full, false, false)]
    public void Selector_losses_reach_what_the_mode_lets_them(StopGradient mode, bool tower, bool classes)
    {
        using var scope = NewDisposeScope();
        var options = SmallDetectors.FcosPss with { Selector = new() { Groups = 8, StopGradient = mode } };
        using var network = options.Build(seed: 3);
        var objects = SmallDetectors.Objects();
        var losses = BatchLosses.Of(network, network.call(SmallDetectors.Images(2)), objects);
        (losses.Selector! + losses.Ranking!).backward();

        Assert.Equal(classes, HasGradient(network, "head.class_logits"));
        Assert.Equal(classes, HasGradient(network, "head.class_tower"));
        Assert.Equal(classes, HasGradient(network, "head.centerness"));
        Assert.Equal(classes, HasGradient(network, "backbone"));
        Assert.False(HasGradient(network, "head.boxes"));
        Assert.True(HasGradient(network, "pss.tower.0"));
        Assert.True(HasGradient(network, "pss.logit"));

        // With class and center-ness logits held still, the regression tower gets gradient through the selector's input alone.
        network.zero_grad();
        var outputs = network.call(SmallDetectors.Images(2));
        outputs = outputs with { ClassLogits = outputs.ClassLogits.detach(), QualityLogits = outputs.QualityLogits!.detach() };
        losses = BatchLosses.Of(network, outputs, objects);
        (losses.Selector! + losses.Ranking!).backward();
        Assert.Equal(tower, HasGradient(network, "head.box_tower"));
        Assert.True(HasGradient(network, "pss.tower.0"));
    }

    [Fact]
    public void Full_stop_gradient_trains_the_base_detector_as_without_selector()
    {
        using var scope = NewDisposeScope();
        var options = SmallDetectors.FcosPss with { Selector = new() { Groups = 8, StopGradient = StopGradient.Full } };
        using var network = options.Build(seed: 3);
        using var plain = (options with { Selector = null }).Build(seed: 4);
        NetworkWeights.Load(plain, NetworkWeights.Save(network), name => name.StartsWith("pss.", StringComparison.Ordinal) ? null : name);
        foreach (var net in (DenseDetector[])[network, plain])
            BatchLosses.Of(net, net.call(SmallDetectors.Images(2)), SmallDetectors.Objects()).Total.backward();
        var gradients = network.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter.grad);
        foreach (var (name, parameter) in plain.named_parameters().Where(pair => pair.parameter.grad is not null))
            OracleTensors.Close(parameter.grad!, gradients[name]!, 1e-6);
    }

    [Fact]
    public void Starts_near_the_expected_loss_an_object()
    {
        using var scope = NewDisposeScope();
        var losses = Compute(DetectorOptions.FcosPss(3), Constant(3, 0, -Math.Log(99), 0));
        // Each of 2 images has 2 objects that reach a location: P = 0.5 * 0.01 * 0.5, so 0.25 (1 - P)^2 (-ln P) for each of them.
        Assert.Equal(4, losses.Matched!.item<long>());
        Assert.InRange(losses.Selector!.item<float>(), 1.49, 1.50);
        // All probabilities are equal: every pair misses the margin by the whole of it.
        Assert.Equal(0.5, losses.Ranking!.item<float>(), 5);
        double total = losses.Classification.item<float>() + 2 * losses.Box.item<float>() + losses.Centerness.item<float>() + losses.Selector.item<float>() + 0.25 * losses.Ranking.item<float>();
        Assert.Equal(total, losses.Total.item<float>(), 4);
    }

    [Theory]
    [InlineData("FCOS")]
    [InlineData("ATSS")]
    public void A_batch_without_objects_has_finite_losses_and_gradients(string kind)
    {
        using var scope = NewDisposeScope();
        DetectorOptions options = kind == "FCOS" ? DetectorOptions.FcosPss(3) : DetectorOptions.AtssPss(3);
        var outputs = Constant(3, 0, -4, 0);
        foreach (var output in (Tensor[])[outputs.ClassLogits, outputs.Boxes, outputs.QualityLogits!, outputs.SelectorLogits!])
            output.requires_grad_();
        var losses = BatchLosses.Of(options, outputs, BatchTargets.Create([[], []], [[], []], 3, CPU));
        losses.Total.backward();
        Assert.Equal(0, losses.Positives.item<long>());
        Assert.Equal(0, losses.Matched!.item<long>());
        Assert.Equal(0, losses.Box.item<float>());
        Assert.Equal(0, losses.Centerness.item<float>());
        Assert.Equal(0, losses.Ranking!.item<float>());
        Assert.True(losses.Classification.item<float>() > 0 && losses.Selector!.item<float>() > 0);
        Assert.True(outputs.Boxes.grad!.eq(0).all().item<bool>());
        Assert.True(outputs.ClassLogits.grad!.isfinite().all().item<bool>());
    }

    [Fact]
    public void Options_of_the_selector_change_what_they_say()
    {
        using var scope = NewDisposeScope();
        var options = DetectorOptions.FcosPss(3);
        var outputs = Random(3);
        var plain = Compute(options, outputs);
        double positives = plain.Positives.item<long>(), matched = plain.Matched!.item<long>();
        var byPositives = Compute(options with { Losses = new() { SelectorNormalizer = SelectorNormalizer.Positives } }, outputs);
        Assert.Equal(plain.Selector!.item<float>() * matched / positives, byPositives.Selector!.item<float>(), 5);

        var none = Compute(options with { Losses = new() { RankingWeight = 0 } }, outputs);
        Assert.Null(none.Ranking);
        // The best class of each location is the harder choice of as many negatives only where a location has two high classes: never harder.
        var best = Compute(options with { Losses = new() { RankingNegatives = RankingNegatives.BestClassPerLocation } }, outputs);
        Assert.True(best.Ranking!.item<float>() < plain.Ranking!.item<float>());

        var region = Compute(options with { Matching = new() { Candidates = MatchCandidates.CenterRegion, Matcher = Matcher.Hungarian } }, outputs);
        Assert.True(region.Matched!.item<long>() >= matched);
    }

    [Fact]
    public void The_total_weighs_each_loss_by_its_own_factor()
    {
        using var scope = NewDisposeScope();
        var losses = Compute(
            DetectorOptions.FcosPss(3) with { Losses = new() { ClassificationWeight = 2, BoxWeight = 3, CenternessWeight = 5, SelectorWeight = 7, RankingWeight = 11 } }, Random(3));
        double total = 2 * losses.Classification.item<float>() + 3 * losses.Box.item<float>() + 5 * losses.Centerness.item<float>()
            + 7 * losses.Selector!.item<float>() + 11 * losses.Ranking!.item<float>();
        Assert.Equal(1, losses.Total.item<float>() / total, 5);
    }

    [Fact]
    public void One_matched_object_divides_the_selector_loss_by_one()
    {
        using var scope = NewDisposeScope();
        var objects = BatchTargets.Create([[10, 12, 50, 60], []], [[1], []], 3, CPU);
        var losses = BatchLosses.Of(DetectorOptions.FcosPss(3), Constant(3, 0, 0, 0), objects);
        Assert.Equal(1, losses.Matched!.item<long>());
        // P is 1/8 everywhere; one entry of all is the target.
        const double p = 1.0 / 8;
        var entries = 2 * 3 * Levels.Sum(level => level.Count);
        var expected = 0.25 * (1 - p) * (1 - p) * -Math.Log(p) + (entries - 1) * 0.75 * p * p * -Math.Log(1 - p);
        Assert.Equal(1, losses.Selector!.item<float>() / expected, 4);
    }

    [Theory]
    [InlineData("FCOS", 0)]
    [InlineData("ATSS", 1)]
    public void An_image_without_objects_counts_as_a_positive_for_Atss_only(string kind, int more)
    {
        using var scope = NewDisposeScope();
        DetectorOptions options = kind == "FCOS" ? DetectorOptions.Fcos(3) : DetectorOptions.Atss(3);
        var objects = BatchTargets.Create([[10, 12, 50, 60], []], [[1], []], 3, CPU);
        var losses = BatchLosses.Of(options, Constant(3, 0, 0, 0) with { SelectorLogits = null }, objects);
        var positives = losses.Positives.item<long>();
        Assert.True(positives > 1);
        var entries = 2 * 3 * Levels.Sum(level => level.Count);
        var sum = (positives * 0.25 + (entries - positives) * 0.75) * 0.25 * Math.Log(2);
        Assert.Equal(1, losses.Classification.item<float>() / (sum / (positives + more)), 4);
    }

    [Fact]
    public void Padding_beyond_an_image_is_left_out_where_the_options_say_so()
    {
        using var scope = NewDisposeScope();
        var options = DetectorOptions.Atss(3);
        var outputs = Constant(3, 0, 0, 0);
        var objects = BatchTargets.Create([[]], [[]], 3, CPU, [(64, 128)]);
        outputs = outputs with { ClassLogits = outputs.ClassLogits[..1], Boxes = outputs.Boxes[..1], QualityLogits = outputs.QualityLogits![..1] };
        float half = BatchLosses.Of(options, outputs, objects).Classification.item<float>();
        float whole = BatchLosses.Of(options with { IgnorePadding = false }, outputs, objects).Classification.item<float>();
        // Columns left of 64: 8 of 16, 4 of 8, 2 of 4, 1 of 2 and the one.
        double each = 0.75 * 0.25 * Math.Log(2) * 3;
        Assert.Equal(each * (128 + 32 + 8 + 2 + 1), half, 3);
        Assert.Equal(each * (256 + 64 + 16 + 4 + 1), whole, 3);
    }

    [Fact]
    public void A_selector_in_the_options_but_not_in_the_outputs_is_an_error()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<InvalidOperationException>(() => Compute(DetectorOptions.FcosPss(3), Constant(3, 0, 0, 0) with { SelectorLogits = null }));
    }

    [Fact]
    public void Live_tensors_return_to_the_start()
    {
        using (NewDisposeScope())
            Compute(DetectorOptions.AtssPss(3), Random(3));
        using var scope = NewDisposeScope();
        var outputs = Random(3);
        var objects = SmallDetectors.Objects();
        using var detector = SmallDetectors.Small(DetectorOptions.AtssPss(3)).Build();
        long before = scope.DisposablesCount;
        detector.Losses(outputs, objects);
        // Five terms and the total.
        Assert.Equal(before + 6, scope.DisposablesCount);
    }

    private static BatchLosses Compute(DetectorOptions options, HeadOutputs outputs) => BatchLosses.Of(options, outputs, SmallDetectors.Objects());

    private static HeadOutputs Constant(int classes, double selector, double cls, double centerness)
    {
        int locations = Levels.Sum(level => level.Count);
        return new(full(2, locations, classes, cls), ones(2, locations, 4), full(2, locations, centerness), full(2, locations, selector), Levels);
    }

    private static HeadOutputs Random(int classes)
    {
        using var generator = new Generator(7);
        int locations = Levels.Sum(level => level.Count);
        return new(
            randn([2, locations, classes], generator: generator), rand([2, locations, 4], generator: generator) * 4,
            randn([2, locations], generator: generator), randn([2, locations], generator: generator), Levels);
    }

    private static bool HasGradient(DenseDetector network, string prefix) => network.named_parameters()
        .Where(pair => pair.name.StartsWith(prefix, StringComparison.Ordinal))
        .Any(pair => pair.parameter.grad is { } grad && grad.abs().max().item<float>() > 0);
}
