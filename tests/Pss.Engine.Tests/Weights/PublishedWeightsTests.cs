using Pss.Engine.Backbones;
using Pss.Engine.Detectors;
using Pss.Engine.Layers;
using Pss.Engine.Tests.Detectors;
using Pss.Engine.Weights;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Weights;

/// <summary>Checkpoints with the names that MMDetection and AdelaiDet write give the detectors that wrote them.</summary>
public sealed class PublishedWeightsTests : IDisposable
{
    private const int Blocks = 2;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Kinds => ["mmdet fcos", "mmdet fcos before 2.1", "mmdet atss resnext dcn", "mmdet atss res2net dcn", "adelaidet fcos", "adelaidet condinst"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_checkpoint_gives_its_detector(string kind)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var options = Options(kind);
        using var theirs = Disturbed(options);
        var read = WeightFile.Read(Write(kind, theirs));
        using var ours = options.Build(seed: 9);
        NetworkWeights.Load(ours, read);
        ours.eval();
        var images = SmallDetectors.Images(1);
        var (expected, found) = (theirs.call(images), ours.call(images));
        Assert.Equal(expected.ClassLogits.data<float>().ToArray(), found.ClassLogits.data<float>().ToArray());
        Assert.Equal(expected.Boxes.data<float>().ToArray(), found.Boxes.data<float>().ToArray());
        Assert.Equal(expected.QualityLogits!.data<float>().ToArray(), found.QualityLogits!.data<float>().ToArray());
        // The rest of CondInst, its semantic branch included.
        var state = ours.state_dict();
        foreach (var (name, value) in theirs.state_dict().Where(pair => !pair.Key.EndsWith("num_batches_tracked", StringComparison.Ordinal)))
            Assert.True(value.equal(state[name]).all().item<bool>(), name);
    }

    [Theory]
    [InlineData("mmdet atss resnext dcn", "bbox_head.atss_reg.weight", "head.boxes.weight")]
    [InlineData("adelaidet fcos", "proposal_generator.fcos_head.bbox_pred.weight", "head.boxes.weight")]
    public void A_selector_may_be_new_and_all_else_is_told_by_name(string kind, string theirName, string ourName)
    {
        using var scope = NewDisposeScope();
        var options = Options(kind);
        using var theirs = Disturbed(options);
        var read = WeightFile.Read(Write(kind, theirs));
        using var network = (options with { Selector = new() { Groups = 8 } }).Build();
        NetworkWeights.Load(network, read, optional: name => name.StartsWith("pss.", StringComparison.Ordinal));

        var lacking = WeightFile.Read(Write(kind, theirs, name => name == theirName ? "bbox_head.unknown.weight" : name));
        var error = Assert.Throws<WeightFileException>(() => NetworkWeights.Load(network, lacking, optional: name => name.StartsWith("pss.", StringComparison.Ordinal)));
        Assert.Equal([ourName], error.Missing);
        Assert.Equal(["bbox_head.unknown.weight"], error.Unexpected);
    }

    [Fact]
    public void Deformable_convolutions_of_the_first_version_get_masks_of_one()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        const string Kind = "mmdet atss resnext dcn";
        using var theirs = Disturbed(Options(Kind));
        // No masks in the file.
        var read = WeightFile.Read(Write(Kind, theirs, shorten: true));
        using var ours = Options(Kind).Build(seed: 9);
        NetworkWeights.Load(ours, read);
        var convolution = ours.modules().OfType<DeformableConvolution>().First();
        var offsets = convolution.children().OfType<SquareConvolution>().Single();
        var input = rand(1, convolution.Inputs, 8, 8);
        var expected = DeformableConvolution.Apply(
            input, offsets.call(input).narrow(1, 0, 18), null, convolution.Weight, stride: convolution.Stride, groups: convolution.Groups);
        Assert.Equal(expected.data<float>().ToArray(), convolution.call(input).data<float>().ToArray());
        Assert.Equal(theirs.modules().OfType<DeformableConvolution>().First().state_dict()["offsets.weight"].narrow(0, 0, 18).data<float>().ToArray(),
            offsets.Weight.narrow(0, 0, 18).data<float>().ToArray());
    }

    private static DetectorOptions Options(string kind)
    {
        var small = new ResNetOptions { Layers = [1, Blocks, 1, 1], Width = 8 };
        var backbone = kind switch
        {
            "mmdet atss resnext dcn" => small with { Groups = 4, WidthPerGroup = 16, DeformableStages = [2, 3, 4] },
            "mmdet atss res2net dcn" => small with { WidthPerGroup = 26, Scales = 4, DeformableStages = [2, 3, 4] },
            _ => small with { Style = ResNetStyle.Caffe },
        };
        DetectorOptions options = kind.Contains("atss", StringComparison.Ordinal) ? DetectorOptions.Atss(3)
            : kind == "adelaidet condinst" ? DetectorOptions.CondInst(3) with { MaskChannels = 8, MaskConvolutions = 2, SemanticBranch = true } : DetectorOptions.Fcos(3);
        return SmallDetectors.Small(options) with
        {
            Backbone = backbone,
            Head = options.Head with { Convolutions = 2, Groups = 8, ConvolutionBias = kind.StartsWith("adelaidet", StringComparison.Ordinal) },
        };
    }

    /// <summary>A detector in which no two weights are alike.</summary>
    private static DenseDetector Disturbed(DetectorOptions options)
    {
        using var _ = no_grad();
        using var generator = new Generator(5);
        var network = options.Build(seed: 4);
        foreach (var value in network.state_dict().Values.Where(value => value.is_floating_point()))
            value.add_(rand(value.shape, generator: generator).Times(0.1));
        network.eval();
        return network;
    }

    /// <summary>Writes a checkpoint as a training program does: a state dict beside other entries.</summary>
    private string Write(string kind, DenseDetector network, Func<string, string>? change = null, bool shorten = false)
    {
        var tensors = NetworkWeights.Save(network).Tensors.SelectMany(OneScalePerLevel).Select(tensor => shorten && tensor.Name.Contains(".offsets.", StringComparison.Ordinal)
            ? NamedTensor.FromSingles(tensor.Name, [18, .. tensor.Shape.Skip(1)], tensor.ToSingles().AsSpan(0, (int)(tensor.Count / 27 * 18))) : tensor).ToArray();
        var pickle = new PickleBuilder().Raw(0x80, 2).Op("}").Text("meta").Op("}").Text("epoch").Int(12).Op("ss").Text("state_dict").Op("}");
        for (var i = 0; i < tensors.Length; i++)
        {
            var name = TheirName(kind, tensors[i].Name);
            var strides = tensors[i].Shape.Select((_, axis) => tensors[i].Shape.Skip(axis + 1).Aggregate(1L, (product, size) => product * size)).ToArray();
            pickle.Text(change?.Invoke(name) ?? name)
                .Tensor(tensors[i].Dtype == WeightDtype.Int64 ? "LongStorage" : "FloatStorage", $"{i}", tensors[i].Count, 0, [.. tensors[i].Shape], strides).Op("s");
        }
        var path = _folder["checkpoint.pth"];
        File.WriteAllBytes(path, pickle.Op("s.").ToLegacyFile([.. tensors.Select((tensor, i) => ($"{i}", tensor.Count, tensor.Data.ToArray()))]));
        return path;

        // A number in MMDetection, a list of one number in AdelaiDet.
        IEnumerable<NamedTensor> OneScalePerLevel(NamedTensor tensor) => tensor.Name != "head.scales" ? [tensor]
            : tensor.ToSingles().Select((scale, level) => NamedTensor.FromSingles($"head.scales.{level}", kind.StartsWith("mmdet", StringComparison.Ordinal) ? [] : [1], [scale]));
    }

    private static string TheirName(string kind, string name)
    {
        var pairs = kind.StartsWith("mmdet", StringComparison.Ordinal) ? OfMMDetection(kind) : OfAdelaiDet();
        var (ours, theirs) = pairs.Where(pair => name == pair.Ours || name.StartsWith(pair.Ours + ".", StringComparison.Ordinal)).MaxBy(pair => pair.Ours.Length);
        Assert.NotNull(ours);
        return theirs + name[ours.Length..];
    }

    private static IEnumerable<(string Ours, string Theirs)> OfMMDetection(string kind)
    {
        var scales = kind.Contains("res2net", StringComparison.Ordinal);
        foreach (var (ours, theirs) in ((string, string)[])[("stem.conv", "conv1"), ("stem.norm", "bn1"), ("stem.0.conv", "stem.0"), ("stem.0.norm", "stem.1"),
            ("stem.1.conv", "stem.3"), ("stem.1.norm", "stem.4"), ("stem.2.conv", "stem.6"), ("stem.2.norm", "stem.7")])
            yield return ($"backbone.{ours}", $"backbone.{theirs}");
        for (var stage = 1; stage <= 4; stage++)
        {
            for (var block = 0; block < Blocks; block++)
            {
                var (ours, theirs) = ($"backbone.stage{stage}.{block}", $"backbone.layer{stage}.{block}");
                for (var i = 0; i < 3; i++)
                {
                    yield return ($"{ours}.branch.{i}.conv", $"{theirs}.conv{i + 1}");
                    yield return ($"{ours}.branch.{i}.conv.offsets", $"{theirs}.conv{i + 1}.conv_offset");
                    yield return ($"{ours}.branch.{i}.norm", $"{theirs}.bn{i + 1}");
                    yield return ($"{ours}.branch.1.layers.{i}.conv", $"{theirs}.convs.{i}");
                    yield return ($"{ours}.branch.1.layers.{i}.conv.offsets", $"{theirs}.convs.{i}.conv_offset");
                    yield return ($"{ours}.branch.1.layers.{i}.norm", $"{theirs}.bns.{i}");
                }
                yield return (scales ? $"{ours}.shortcut.1.conv" : $"{ours}.shortcut.conv", $"{theirs}.downsample.{(scales ? 1 : 0)}");
                yield return (scales ? $"{ours}.shortcut.1.norm" : $"{ours}.shortcut.norm", $"{theirs}.downsample.{(scales ? 2 : 1)}");
            }
        }
        for (var level = 0; level < 5; level++)
        {
            yield return ($"pyramid.lateral{level + 3}", $"neck.lateral_convs.{level}.conv");
            yield return ($"pyramid.{(level < 3 ? "output" : "extra")}{level + 3}", $"neck.fpn_convs.{level}.conv");
            yield return ($"head.scales.{level}", $"bbox_head.scales.{level}.scale");
        }
        foreach (var (ours, theirs) in ((string, string)[])[("class_tower", "cls_convs"), ("box_tower", "reg_convs")])
        {
            for (var i = 0; i < 2; i++)
            {
                yield return ($"head.{ours}.{i}.conv", $"bbox_head.{theirs}.{i}.conv");
                yield return ($"head.{ours}.{i}.norm", $"bbox_head.{theirs}.{i}.gn");
            }
        }
        var prefix = kind.Contains("atss", StringComparison.Ordinal) ? "atss" : kind == "mmdet fcos" ? "conv" : "fcos";
        foreach (var (ours, theirs) in ((string, string)[])[("class_logits", "cls"), ("boxes", "reg"), ("centerness", "centerness")])
            yield return ($"head.{ours}", $"bbox_head.{prefix}_{theirs}");
    }

    private static IEnumerable<(string Ours, string Theirs)> OfAdelaiDet()
    {
        const string Head = "proposal_generator.fcos_head";
        yield return ("backbone.stem.conv", "backbone.bottom_up.stem.conv1");
        yield return ("backbone.stem.norm", "backbone.bottom_up.stem.conv1.norm");
        for (var stage = 1; stage <= 4; stage++)
        {
            for (var block = 0; block < Blocks; block++)
            {
                foreach (var (ours, theirs) in ((string, string)[])[("branch.0", "conv1"), ("branch.1", "conv2"), ("branch.2", "conv3"), ("shortcut", "shortcut")])
                {
                    yield return ($"backbone.stage{stage}.{block}.{ours}.conv", $"backbone.bottom_up.res{stage + 1}.{block}.{theirs}");
                    yield return ($"backbone.stage{stage}.{block}.{ours}.norm", $"backbone.bottom_up.res{stage + 1}.{block}.{theirs}.norm");
                }
            }
        }
        for (var level = 3; level <= 7; level++)
        {
            yield return ($"pyramid.lateral{level}", $"backbone.fpn_lateral{level}");
            yield return ($"pyramid.output{level}", $"backbone.fpn_output{level}");
            yield return ($"pyramid.extra{level}", $"backbone.top_block.p{level}");
            yield return ($"head.scales.{level - 3}", $"{Head}.scales.{level - 3}.scale");
            yield return ($"mask_branch.refine{level}.conv", $"mask_branch.refine.{level - 3}.0");
            yield return ($"mask_branch.refine{level}.norm", $"mask_branch.refine.{level - 3}.1");
        }
        for (var i = 0; i < 2; i++)
        {
            foreach (var (ours, theirs) in ((string, string)[])[("class_tower", "cls_tower"), ("box_tower", "bbox_tower")])
            {
                yield return ($"head.{ours}.{i}.conv", $"{Head}.{theirs}.{3 * i}");
                yield return ($"head.{ours}.{i}.norm", $"{Head}.{theirs}.{3 * i + 1}");
            }
            foreach (var (ours, theirs) in ((string, string)[])[("tower", "tower"), ("semantic_tower", "seg_head")])
            {
                yield return ($"mask_branch.{ours}.{i}.conv", $"mask_branch.{theirs}.{i}.0");
                yield return ($"mask_branch.{ours}.{i}.norm", $"mask_branch.{theirs}.{i}.1");
            }
        }
        foreach (var (ours, theirs) in ((string, string)[])[("class_logits", "cls_logits"), ("boxes", "bbox_pred"), ("centerness", "ctrness")])
            yield return ($"head.{ours}", $"{Head}.{theirs}");
        foreach (var (ours, theirs) in ((string, string)[])[("mask_branch.output", "mask_branch.tower.2"), ("mask_branch.semantic_logits", "mask_branch.logits"), ("controller", "controller")])
            yield return (ours, theirs);
    }
}
