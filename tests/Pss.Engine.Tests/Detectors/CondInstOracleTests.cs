using System.Text.Json;
using Pss.Engine.Assignment;
using Pss.Engine.Boxes;
using Pss.Engine.Data;
using Pss.Engine.Data.Augmentation;
using Pss.Engine.Data.Images;
using Pss.Engine.Data.Loading;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using Pss.Engine.Layers;
using Pss.Engine.Losses;
using Pss.Engine.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Detectors;

/// <summary>CondInst against numbers made independently, in float64: upsampling, mask branch, dynamic head, targets, losses, whole detections.</summary>
public class CondInstOracleTests
{
    private const int Height = 96;
    private const int Width = 128;
    private static readonly JsonElement Expected = OracleTensors.Json("paper_parts", "condinst", "expected.json");
    private static readonly CondInstOptions Options = DetectorOptions.CondInstPss(3) with
    {
        Backbone = SmallDetectors.FcosPss.Backbone,
        Pyramid = new() { Channels = 12 },
        Head = new() { Convolutions = 1, Groups = 4 },
        Selector = new() { Groups = 4 },
        MaskChannels = 8,
        SemanticBranch = true,
    };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void Aligned_upsampling_and_its_gradient(int factor)
    {
        using var scope = NewDisposeScope();
        var arrays = Arrays("upsample");
        var input = arrays["input"].ToTensor().requires_grad_();
        var output = LinearResampling.Upsample(input, factor);
        OracleTensors.Close(arrays[$"x{factor}"].ToTensor(), output, 1e-12);
        (output * output).sum().Times(0.5).backward();
        OracleTensors.Close(arrays[$"grad.x{factor}"].ToTensor(), input.grad!, 1e-12);
    }

    [Fact]
    public void Masks_are_sampled_and_positives_lie_around_their_centroids()
    {
        using var scope = NewDisposeScope();
        var arrays = Arrays("targets");
        var targets = Targets();
        var points = AnchorPoints.Create(LevelShape.Of(Height, Width), PointOffset.HalfStride, CPU, ScalarType.Float64);
        OracleTensors.Close(arrays["points"].ToTensor(), points.Points, 0);
        var matched = CenterSampling.Assign(points, targets, Options.CenterRadius, Options.RangeBounds);
        var byBox = CenterSampling.Assign(points, targets with { Masks = null }, Options.CenterRadius, Options.RangeBounds);
        for (var image = 0; image < 2; image++)
        {
            OracleTensors.Close(arrays[$"centroid.{image}"].ToTensor(), targets.Masks!.Centroids[image], 1e-6);
            OracleTensors.Close(arrays[$"target4.{image}"].ToTensor(), targets.Masks.Masks[image], 0);
            OracleTensors.Close(arrays[$"matched.{image}"].ToTensor(), matched[image], 0);
            OracleTensors.Close(arrays[$"matched_box_centre.{image}"].ToTensor(), byBox[image], 0);
        }
        OracleTensors.Close(arrays["semantic"].ToTensor(), targets.Masks!.Classes.Plus(1), 0);
    }

    [Fact]
    public void The_mask_branch_by_stored_statistics_and_by_those_of_the_batch()
    {
        using var scope = NewDisposeScope();
        using var branch = Branch();
        var arrays = Arrays("mask_branch");
        var levels = Levels(arrays);
        branch.eval();
        OracleTensors.Close(arrays["eval.mask_feats"].ToTensor(), branch.call(levels), 1e-10);

        var logits = branch.SemanticLogits(levels)!.detach().requires_grad_();
        OracleTensors.Close(arrays["eval.semantic_logits"].ToTensor().permute(0, 2, 3, 1).flatten(1, 2), logits, 1e-10);
        var classes = Targets().Masks!.Classes;
        var sum = FocalLoss.OfClasses(logits, classes.flatten(1), null, new());
        var loss = new LossTerm("semantic", sum, 1, classes.IsAtLeast(0).sum()).Value;
        OracleTensors.Close(tensor(Expected.GetProperty("losses").GetProperty("semantic").GetDouble()), loss, 1e-10);
        loss.backward();
        OracleTensors.Close(arrays["eval.grad.semantic_logits"].ToTensor().permute(0, 2, 3, 1).flatten(1, 2), logits.grad!, 1e-10);

        branch.train();
        foreach (var level in levels)
            level.requires_grad_();
        var features = branch.call(levels);
        OracleTensors.Close(arrays["train.mask_feats"].ToTensor(), features, 1e-10);
        (features * features).mean().Times(0.5).backward();
        for (var i = 0; i < 3; i++)
            OracleTensors.Close(arrays[$"train.grad.p{i + 3}"].ToTensor(), levels[i].grad!, 1e-10);
        var parameters = branch.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter);
        OracleTensors.Close(arrays["train.grad.refine.1.0.weight"].ToTensor(), parameters["refine4.conv.weight"].grad!, 1e-10);
        OracleTensors.Close(arrays["train.grad.tower.4.weight"].ToTensor(), parameters["output.weight"].grad!, 1e-10);
        var state = branch.state_dict();
        OracleTensors.Close(arrays["train.refine.1.1.running_mean"].ToTensor(), state["refine4.norm.running_mean"], 1e-10);
        OracleTensors.Close(arrays["train.refine.1.1.running_var"].ToTensor(), state["refine4.norm.running_var"], 1e-10);
    }

    [Fact]
    public void The_dynamic_head_and_the_dice_loss()
    {
        using var scope = NewDisposeScope();
        var arrays = Arrays("dynamic_head");
        var (features, parameters) = (Double(arrays, "mask_feats").requires_grad_(), Double(arrays, "params").requires_grad_());
        var locations = arrays["location"].ToTensor();
        var strides = tensor(ToArray(arrays, "level").Select(level => (double)LevelShape.Strides[(int)level]).ToArray());
        var relative = DynamicMaskHead.RelativeCoordinates(locations, strides, features.shape[2], features.shape[3]);
        OracleTensors.Close(arrays["rel_coords"].ToTensor().flatten(2), relative, 1e-12);

        var logits = DynamicMaskHead.Logits(features, parameters, arrays["image"].ToTensor(), locations, strides);
        OracleTensors.Close(arrays["logits8"].ToTensor(), logits, 1e-10);
        var fine = LinearResampling.Upsample(logits, 2);
        OracleTensors.Close(arrays["logits4"].ToTensor(), fine, 1e-10);
        var dice = DiceLoss.PerMask(fine, arrays["target4"].ToTensor());
        OracleTensors.Close(arrays["dice"].ToTensor(), dice, 1e-10);
        dice.mean().backward();
        OracleTensors.Close(arrays["grad.params"].ToTensor(), parameters.grad!, 1e-10);
        OracleTensors.Close(arrays["grad.mask_feats"].ToTensor(), features.grad!, 1e-10);
    }

    [Fact]
    public void The_losses_of_a_batch_and_the_gradient_of_the_mask_loss()
    {
        using var scope = NewDisposeScope();
        using var network = new CondInst(Options);
        using var branch = Branch();
        branch.train();
        var (example, maps) = (Arrays("example"), Arrays("mask_branch"));
        var levels = Levels(maps);
        foreach (var level in levels)
            level.requires_grad_();
        var features = branch.call(levels);
        features.retain_grad();
        var controller = Double(example, "controller").requires_grad_();
        var outputs = Outputs(example) with { MaskParameters = controller, MaskFeatures = features };

        var losses = network.Losses(outputs, Targets());

        var expected = Expected.GetProperty("losses");
        Near(expected.GetProperty("cls"), losses["classification"]);
        Near(expected.GetProperty("box_plain_giou"), losses["box"]);
        Near(expected.GetProperty("ctr"), losses["centerness"]);
        Near(expected.GetProperty("mask"), losses["mask"]);
        losses["mask"].backward();
        var (image, location) = (example["train.pos_image"].ToTensor(), example["train.pos_location"].ToTensor());
        OracleTensors.Close(example["train.grad.controller"].ToTensor(), controller.grad!.index(TensorIndex.Tensor(image), TensorIndex.Tensor(location)), 1e-8);
        OracleTensors.Close(example["train.grad.mask_feats"].ToTensor(), features.grad!, 1e-8);
        for (var i = 0; i < 3; i++)
            OracleTensors.Close(example[$"train.grad.p{i + 3}"].ToTensor(), levels[i].grad!, 1e-8);

        // Points and boxes of targets are in float32 here.
        static void Near(JsonElement number, Tensor actual) => OracleTensors.Close(tensor(number.GetDouble()), actual, 2e-6);
    }

    [Theory]
    [InlineData("nms", DetectionMode.OneToMany)]
    [InlineData("end_to_end", DetectionMode.EndToEnd)]
    public void Detections_with_masks(string name, object mode)
    {
        using var scope = NewDisposeScope();
        using var network = new CondInst(Options);
        using var branch = Branch();
        branch.eval();
        var example = Arrays("example");
        var outputs = Outputs(example) with { MaskParameters = example["controller"].ToTensor(), MaskFeatures = branch.call(Levels(Arrays("mask_branch"))).to(ScalarType.Float32) };
        var images = Expected.GetProperty("images");
        var geometries = images.EnumerateArray().Select(image =>
        {
            var (resized, original) = (image.GetProperty("resized_h_w").ToLongs(), image.GetProperty("original_h_w").ToLongs());
            return new ResizeGeometry((int)original[1], (int)original[0], (int)resized[1], (int)resized[0], Width, Height);
        }).ToArray();
        // CondInst's authors gate and rank by the square root of the product; 0.05 is theirs for the product.
        var processor = new PostProcessor(network, (DetectionMode)mode == DetectionMode.OneToMany
            ? new() { Mode = DetectionMode.OneToMany, GeometricMean = true, CandidateThreshold = MathF.Sqrt(0.05f), NmsThreshold = 0.6f }
            : new() { Mode = DetectionMode.EndToEnd, MaxDetections = 12 });

        var found = processor.Process(outputs, new DetectorInput([], Width, Height, geometries));

        for (var image = 0; image < found.Count; image++)
        {
            var boxes = example[$"{name}.{image}.boxes"].ToTensor();
            Assert.Equal(boxes.shape[0], found[image].Count);
            OracleTensors.Close(boxes, tensor(found[image].SelectMany(d => new[] { d.X1, d.Y1, d.X2, d.Y2 }).ToArray()).view(-1, 4), 1e-5);
            OracleTensors.Close(example[$"{name}.{image}.scores"].ToTensor(), tensor(found[image].Select(d => d.Score).ToArray()), 2e-5);
            Assert.Equal(ToArray(example, $"{name}.{image}.classes"), found[image].Select(d => (long)d.Label));
            var masks = Expected.GetProperty("detections").GetProperty(name)[image].GetProperty("masks");
            Assert.All(masks.EnumerateArray().Zip(found[image]), pair => SameMask(pair.First, pair.Second.Mask!));
        }
    }

    /// <summary>Masks agree in all pixels but those whose value lies within rounding of the threshold.</summary>
    private static void SameMask(JsonElement expected, Segmentation actual)
    {
        var size = expected.GetProperty("size").ToLongs();
        var (height, width) = ((int)size[0], (int)size[1]);
        var borderline = expected.GetProperty("borderline_row_col").EnumerateArray().Select(pair => pair[0].GetInt32() * width + pair[1].GetInt32()).ToHashSet();
        var (a, b) = (Segmentation.FromRuns(height, width, [.. expected.GetProperty("counts").ToLongs().Select(run => (int)run)]).ToBitmap(height, width), actual.ToBitmap(height, width));
        Assert.DoesNotContain(Enumerable.Range(0, a.Length), i => a[i] != b[i] && !borderline.Contains(i));
        Assert.Contains(true, b);
    }

    private static HeadOutputs Outputs(WeightFile example) => new(
        example["cls_logits"].ToTensor(), example["reg"].ToTensor(), example["ctr_logits"].ToTensor(), example["pss_logits"].ToTensor(), LevelShape.Of(Height, Width));

    private static BatchTargets Targets()
    {
        var samples = Expected.GetProperty("images").EnumerateArray().Select((image, i) =>
        {
            var size = image.GetProperty("resized_h_w").ToLongs();
            var boxes = Arrays("targets")[$"boxes.{i}"].ToTensor().to(ScalarType.Float32).flatten().ToHost<float>();
            return new TrainingSample(new RgbImage((int)size[1], (int)size[0]), boxes, [.. image.GetProperty("classes").ToLongs().Select(label => (int)label)])
            {
                Masks = [.. image.GetProperty("polygons_resized_pixels").EnumerateArray().Select(parts => Segmentation.FromPolygons(
                    [.. parts.EnumerateArray().Select(part => part.EnumerateArray().Select(number => number.GetDouble()).ToArray())]))],
            };
        }).ToArray();
        using var batch = TrainingBatch.Collate(samples, [0, 1]);
        Assert.Equal((Height, Width), (batch.Height, batch.Width));
        var targets = BatchTargets.Create([.. samples.Select(sample => sample.Boxes)], [.. samples.Select(sample => sample.Labels)], 3, CPU);
        return targets with { Masks = MaskTargets.Create(batch.SampledMasks!, [.. samples.Select(sample => sample.Labels.Length)], CPU) };
    }

    private static MaskBranch Branch()
    {
        using var generator = new Generator(1);
        var branch = new MaskBranch(Options, generator);
        var names = branch.state_dict().ToDictionary(pair => pair.Key, pair => pair.Value);
        using var _ = no_grad();
        foreach (var array in Arrays("mask_branch", "weights").Tensors)
            names[NameOf(array.Name)].copy_(array.ToTensor());
        return (MaskBranch)branch.to(ScalarType.Float64);

        static string NameOf(string name)
        {
            var parts = name.Split('.');
            var (group, rest) = (parts[0], parts[1..]);
            return group switch
            {
                "refine" => $"refine{int.Parse(rest[0], System.Globalization.CultureInfo.InvariantCulture) + 3}.{Layer(rest[1])}.{rest[2]}",
                "tower" when rest[0] == "4" => $"output.{rest[1]}",
                "tower" => $"tower.{rest[0]}.{Layer(rest[1])}.{rest[2]}",
                "seg_head" => $"semantic_tower.{rest[0]}.{Layer(rest[1])}.{rest[2]}",
                _ => $"semantic_logits.{rest[0]}",
            };
        }

        static string Layer(string index) => index == "0" ? "conv" : "norm";
    }

    private static Tensor[] Levels(WeightFile maps) => [Double(maps, "p3"), Double(maps, "p4"), Double(maps, "p5")];

    private static Tensor Double(WeightFile arrays, string name) => arrays[name].ToTensor().to(ScalarType.Float64);

    private static long[] ToArray(WeightFile arrays, string name) => OracleTensors.ToArray(arrays[name].ToTensor());

    private static WeightFile Arrays(string name, string kind = "") =>
        OracleTensors.Arrays("paper_parts", "condinst", kind.Length == 0 ? $"{name}.safetensors" : $"{name}.{kind}.safetensors");
}
