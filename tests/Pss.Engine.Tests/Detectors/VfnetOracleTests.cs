using System.Text.Json;
using Pss.Engine.Boxes;
using Pss.Engine.Detectors;
using Pss.Engine.Losses;
using Pss.Engine.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Detectors;

/// <summary>VFNet against numbers made independently, in float64: varifocal loss, star offsets, the whole head, its losses and their gradients.</summary>
public class VfnetOracleTests
{
    private static readonly JsonElement Expected = OracleTensors.Json("paper_parts", "vfnet", "expected.json");
    private static readonly VfnetOptions Options = DetectorOptions.Vfnet(3) with { Pyramid = new() { Channels = 32 }, Backbone = SmallDetectors.Backbone };

    [Theory]
    [InlineData("default", 0.75, 2)]
    [InlineData("alpha1_gamma1.5", 1, 1.5)]
    public void Varifocal_loss(string name, double alpha, double gamma)
    {
        using var scope = NewDisposeScope();
        var arrays = Arrays("varifocal");
        var logits = arrays["logits"].ToTensor().requires_grad_();
        var loss = VarifocalLoss.Elementwise(logits, arrays["targets"].ToTensor(), alpha, gamma);
        OracleTensors.Close(arrays[$"{name}.loss"].ToTensor(), loss, 1e-10);
        loss.sum().backward();
        OracleTensors.Close(arrays[$"{name}.grad"].ToTensor(), logits.grad!, 1e-10);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(32)]
    public void The_star_and_a_tenth_of_its_gradient(int stride)
    {
        using var scope = NewDisposeScope();
        var arrays = Arrays("star");
        var distances = arrays[$"s{stride}.distances"].ToTensor().requires_grad_();
        var offsets = VfnetHead.StarOffsets(distances.Times(1.0 / stride));
        OracleTensors.Close(arrays[$"s{stride}.offsets"].ToTensor(), offsets, 1e-10);
        (offsets * offsets).sum().Times(0.5).backward();
        OracleTensors.Close(arrays[$"s{stride}.grad"].ToTensor(), distances.grad!, 1e-10);
    }

    /// <summary>In float32, because the deformable convolution samples in it.</summary>
    [Fact]
    public void The_head_its_losses_and_their_gradients()
    {
        using var scope = NewDisposeScope();
        using var network = new Vfnet(Options);
        using var head = Head();
        var (maps, loss) = (Arrays("head"), Arrays("loss"));
        Tensor[] inputs = [.. Enumerable.Range(0, 3).Select(level => maps[$"input.{level}"].ToTensor().requires_grad_())];
        var (outputs, _) = head.call(inputs);
        outputs.FirstBoxes!.retain_grad();
        var strides = outputs.Levels.SelectMany(level => Enumerable.Repeat((float)level.Stride, level.Count)).ToArray();
        var unit = tensor(strides).view(1, -1, 1);
        Relative(Flat(maps, "cls", 3), outputs.ClassLogits, 2e-5);
        Relative(Flat(maps, "box", 3), outputs.FirstBoxes! * unit, 2e-5);
        Relative(Flat(maps, "refined", 3), outputs.Boxes * unit, 2e-5);

        var points = AnchorPoints.Create(outputs.Levels, PointOffset.Corner, CPU);
        OracleTensors.Close(loss["points"].ToTensor(), points.Points, 0);
        var (targets, matched) = GivenTargets.Of(loss["labels"].ToTensor(), loss["target_boxes"].ToTensor(), 3);
        var losses = network.Losses(outputs, targets with { Boxes = targets.Boxes.to(ScalarType.Float32) }, points, matched);
        var expected = Expected.GetProperty("losses");
        Assert.Equal(expected.GetProperty("class").GetDouble(), losses["classification"].item<float>(), 1e-5);
        Assert.Equal(expected.GetProperty("box").GetDouble(), 1.5 * losses["first box"].item<float>(), 1e-5);
        Assert.Equal(expected.GetProperty("refined_box").GetDouble(), 2 * losses["box"].item<float>(), 1e-5);
        losses.Total.backward();
        for (var level = 0; level < 3; level++)
            Relative(loss[$"grad.input.{level}"].ToTensor(), inputs[level].grad!, 5e-4);
        var gradients = head.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter);
        Relative(loss["grad.vfnet_reg.weight"].ToTensor(), gradients["boxes.weight"].grad!, 5e-4);
        Relative(loss["grad.vfnet_reg_conv.conv.weight"].ToTensor(), gradients["box_block.conv.weight"].grad!, 5e-4);
        Relative(loss["grad.vfnet_reg_refine.weight"].ToTensor(), gradients["refinement.weight"].grad!, 5e-4);
        Relative(loss["grad.vfnet_cls.weight"].ToTensor(), gradients["class_logits.weight"].grad!, 5e-4);
    }

    private static Tensor Flat(WeightFile maps, string name, int levels) =>
        HeadOutputs.Flatten(Enumerable.Range(0, levels).Select(level => maps[$"{name}.{level}"].ToTensor()));

    private static void Relative(Tensor expected, Tensor actual, double tolerance)
    {
        Assert.Equal(expected.shape, actual.shape);
        var worst = (expected - actual).abs().max().item<double>() / expected.abs().max().item<double>();
        Assert.InRange(worst, 0, tolerance);
    }

    private static VfnetHead Head()
    {
        using var generator = new Generator(1);
        var head = new VfnetHead(Options, generator);
        using var _ = no_grad();
        var state = head.state_dict();
        foreach (var array in Arrays("head.weights").Tensors)
            Target(array.Name).copy_(array.ToTensor());
        return head;

        Tensor Target(string name)
        {
            var parts = name.Split('.');
            return parts[0] switch
            {
                "scales" => state["scales"][int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture)],
                "scales_refine" => state["refinement_scales"][int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture)],
                "cls_convs" => state[$"class_tower.{parts[1]}.{Layer(parts[2])}.{parts[3]}"],
                "reg_convs" => state[$"box_tower.{parts[1]}.{Layer(parts[2])}.{parts[3]}"],
                "vfnet_reg_conv" => state[$"box_block.{Layer(parts[1])}.{parts[2]}"],
                "vfnet_reg" => state[$"boxes.{parts[1]}"],
                "vfnet_reg_refine_dconv" => state[$"refinement_star.{parts[1]}"],
                "vfnet_reg_refine" => state[$"refinement.{parts[1]}"],
                "vfnet_cls_dconv" => state[$"class_star.{parts[1]}"],
                _ => state[$"class_logits.{parts[1]}"],
            };
        }

        static string Layer(string theirs) => theirs == "gn" ? "norm" : "conv";
    }

    private static WeightFile Arrays(string name) => OracleTensors.Arrays("paper_parts", "vfnet", $"{name}.safetensors");
}
