using System.Text.Json;
using Pss.Engine.Boxes;
using Pss.Engine.Detectors;
using Pss.Engine.Losses;
using Pss.Engine.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Detectors;

/// <summary>GFocalV2 against numbers made independently, in float64: its losses, the integral, the quality branch, a whole loss, PSS on top.</summary>
public class GfocalV2OracleTests
{
    private static readonly JsonElement Expected = OracleTensors.Json("paper_parts", "gfl", "expected.json");

    [Fact]
    public void Quality_focal_loss()
    {
        using var scope = NewDisposeScope();
        var arrays = Arrays("qfl");
        var probabilities = arrays["prob"].ToTensor().requires_grad_();
        var loss = QualityFocalLoss.Elementwise(probabilities, Targets(arrays, ""));
        OracleTensors.Close(arrays["loss"].ToTensor(), loss, 1e-10);
        loss.sum().backward();
        OracleTensors.Close(arrays["grad"].ToTensor(), probabilities.grad!, 1e-10);
        OracleTensors.Close(arrays["extreme.loss"].ToTensor(), QualityFocalLoss.Elementwise(arrays["extreme.prob"].ToTensor(), Targets(arrays, "extreme.")), 1e-10);

        static Tensor Targets(WeightFile arrays, string prefix)
        {
            var (labels, classes) = (arrays[$"{prefix}labels"].ToTensor(), arrays[$"{prefix}prob"].Shape[^1]);
            return labels.unsqueeze(1).eq(arange(classes)) * arrays[$"{prefix}quality"].ToTensor().unsqueeze(1);
        }
    }

    [Fact]
    public void Distribution_focal_loss_and_integral()
    {
        using var scope = NewDisposeScope();
        var arrays = Arrays("dfl");
        var logits = arrays["logits"].ToTensor().requires_grad_();
        var loss = DistributionFocalLoss.PerDistance(logits, arrays["target"].ToTensor());
        OracleTensors.Close(arrays["loss"].ToTensor(), loss, 1e-10);
        loss.sum().backward();
        OracleTensors.Close(arrays["grad"].ToTensor(), logits.grad!, 1e-10);

        var integral = Arrays("integral");
        var bins = integral["logits"].ToTensor().requires_grad_();
        var distance = GfocalV2Head.Expectation(bins.view(-1, 4, 17).softmax(-1));
        OracleTensors.Close(integral["distance"].ToTensor(), distance, 1e-10);
        (distance * distance).sum().Times(0.5).backward();
        OracleTensors.Close(integral["grad"].ToTensor(), bins.grad!, 1e-10);
    }

    [Fact]
    public void The_losses_of_a_batch_their_gradients_and_the_selector_on_top()
    {
        using var scope = NewDisposeScope();
        var options = DetectorOptions.GfocalV2Pss(3) with { Backbone = SmallDetectors.Backbone, Pyramid = new() { Channels = 16 }, Head = new() { Groups = 8 }, Selector = new() { Groups = 8 } };
        using var network = new GfocalV2(options);
        using var branch = Branch();
        var arrays = Arrays("loss");
        var classes = Double(arrays, "cls_logits").requires_grad_();
        var distributions = Double(arrays, "dist_logits").requires_grad_();
        var logits = distributions.view(2, 64, 4, 17);
        var probabilities = logits.softmax(-1);
        var quality = branch.call(probabilities);
        OracleTensors.Close(arrays["quality_logit"].ToTensor().squeeze(-1), quality, 1e-10);
        OracleTensors.Close(arrays["joint"].ToTensor(), FusedScore.Probability(new(classes, [quality])), 1e-10);

        LevelShape[] levels = [new(6, 8, 8), new(3, 4, 16), new(2, 2, 32)];
        var points = AnchorPoints.Create(levels, PointOffset.Corner, CPU, ScalarType.Float64);
        OracleTensors.Close(arrays["points"].ToTensor(), points.Points, 0);
        var (targets, matched) = GivenTargets.Of(arrays["labels"].ToTensor(), arrays["target_boxes"].ToTensor(), 3);
        targets = targets with { ImageSizes = Sizes(arrays["label_weights"].ToTensor(), points) };
        var selector = Double(arrays, "pss_logits");
        var losses = network.Losses(
            new(classes, GfocalV2Head.Expectation(probabilities), quality, selector, levels) { Distributions = logits }, targets, points, matched);

        var expected = Expected.GetProperty("losses");
        // GIoU has its epsilon in pixels here.
        Near(expected.GetProperty("quality_focal"), losses["classification"]);
        Near(expected.GetProperty("box"), losses["box"].Times(2));
        Near(expected.GetProperty("distribution_focal"), losses["distribution"].Times(0.25));
        (losses["classification"] + losses["box"].Times(2) + losses["distribution"].Times(0.25)).backward();
        OracleTensors.Close(arrays["grad.cls_logits"].ToTensor(), classes.grad!, 1e-8);
        OracleTensors.Close(arrays["grad.dist_logits"].ToTensor(), distributions.grad!, 1e-8);
        var parameters = branch.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter);
        foreach (var (theirs, ours) in Names)
            OracleTensors.Close(arrays[$"grad.{theirs}"].ToTensor(), parameters[ours].grad!, 1e-8);

        var pss = selector.detach().requires_grad_();
        var fused = FusedScore.Logit(new(classes.detach(), [pss, quality.detach()]));
        OracleTensors.Close(arrays["pss.prob"].ToTensor(), fused.sigmoid(), 1e-10);
        OracleTensors.Close(arrays["pss.fused_logit"].ToTensor(), fused, 1e-10);
        var selected = FocalLoss.Elementwise(fused, arrays["pss.target"].ToTensor().to(ScalarType.Float64)).sum() / Expected.GetProperty("pss_matched").GetDouble();
        Near(expected.GetProperty("pss"), selected);
        selected.backward();
        OracleTensors.Close(arrays["pss.grad"].ToTensor(), pss.grad!, 1e-10);

        static void Near(JsonElement number, Tensor actual) => OracleTensors.Close(tensor(number.GetDouble(), dtype: ScalarType.Float64), actual, 1e-8);
    }

    private static readonly (string Theirs, string Ours)[] Names =
        [("reg_conf.0.weight", "hidden.weight"), ("reg_conf.0.bias", "hidden.bias"), ("reg_conf.2.weight", "logit.weight"), ("reg_conf.2.bias", "logit.bias")];

    private static QualityBranch Branch()
    {
        using var generator = new Generator(1);
        var branch = new QualityBranch(64, generator);
        var weights = Arrays("loss.weights");
        using var _ = no_grad();
        var state = branch.state_dict();
        foreach (var (theirs, ours) in Names)
            state[ours].copy_(weights[theirs].ToTensor());
        return (QualityBranch)branch.to(ScalarType.Float64);
    }

    /// <summary>Image sizes outside of which lie exactly the locations of weight 0.</summary>
    private static Tensor Sizes(Tensor weights, AnchorPoints points)
    {
        var sizes = stack([.. Enumerable.Range(0, 2).Select(image => (points.Points * weights[image].unsqueeze(-1)).amax([0]) + 0.5)]);
        Assert.True((points.Points.unsqueeze(0) < sizes.unsqueeze(1)).all(-1).eq(weights > 0).all().item<bool>());
        Assert.True((weights == 0).any().item<bool>());
        return sizes;
    }

    private static Tensor Double(WeightFile arrays, string name) => arrays[name].ToTensor().to(ScalarType.Float64);

    private static WeightFile Arrays(string name) => OracleTensors.Arrays("paper_parts", "gfl", $"{name}.safetensors");
}
