using Pss.Engine.Backbones;
using Pss.Engine.Detectors;
using Pss.Engine.Layers;
using Pss.Engine.Weights;
using Pss.Engine.Weights.NameMaps;
using TorchSharp;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Detectors;

public class DenseDetectorTests
{
    public static TheoryData<string> Detectors => ["Fcos", "Atss", "FcosPss", "AtssPss"];

    [Theory]
    [MemberData(nameof(Detectors))]
    public void Each_detector_gives_flat_outputs_and_trains_a_step(string kind)
    {
        using var scope = NewDisposeScope();
        var options = SmallDetectors.Small(Options(kind));
        using var network = options.Build(seed: 1);
        var outputs = network.call(SmallDetectors.Images(2));
        long locations = 256 + 64 + 16 + 4 + 1;
        Assert.Equal([2, locations, 3], outputs.ClassLogits.shape);
        Assert.Equal([2, locations, 4], outputs.Boxes.shape);
        Assert.Equal([2, locations], outputs.QualityLogits!.shape);
        Assert.Equal(options.Selector is null ? null : [2, locations], outputs.SelectorLogits?.shape);
        Assert.Equal([new(16, 16, 8), new(8, 8, 16), new(4, 4, 32), new(2, 2, 64), new(1, 1, 128)], outputs.Levels);

        // Ten steps on one batch bring the loss down.
        using var optimizer = optim.SGD(network.parameters(), 0.01, 0.9);
        var totals = new List<float>();
        for (int step = 0; step < 10; step++)
        {
            using var inner = NewDisposeScope();
            optimizer.zero_grad();
            var total = network.Losses(network.call(SmallDetectors.Images(2)), SmallDetectors.Objects()).Total;
            total.backward();
            optimizer.step();
            totals.Add(total.item<float>());
        }

        Assert.True(totals[^1] < totals[0] - 0.05, string.Join(" ", totals));
    }

    [Fact]
    public void The_same_seed_gives_the_same_weights()
    {
        using var scope = NewDisposeScope();
        using var one = SmallDetectors.FcosPss.Build(seed: 9);
        using var two = SmallDetectors.FcosPss.Build(seed: 9);
        using var other = SmallDetectors.FcosPss.Build(seed: 10);
        var second = two.state_dict();
        foreach (var (name, value) in one.state_dict())
        {
            Assert.True(value.eq(second[name]).all().item<bool>(), name);
            Assert.True(value.isfinite().all().item<bool>(), name);
        }

        Assert.False(one.state_dict()["head.boxes.weight"].eq(other.state_dict()["head.boxes.weight"]).all().item<bool>());
    }

    [Fact]
    public void Parameters_count_as_in_the_literature()
    {
        using var scope = NewDisposeScope();
        // FCOS R50 in all 32.295 M; torchvision counts its own, with 91 classes and biases in the towers, without frozen scales and shifts.
        Assert.Equal(32_295, Count(DetectorOptions.Fcos(80)) / 1000);
        Assert.Equal(1_182_977, Count(DetectorOptions.FcosPss(80)) - Count(DetectorOptions.Fcos(80)));
        Assert.Equal(592_641, Count(DetectorOptions.FcosPss(80) with { Selector = new() { HiddenConvolutions = 1 } }) - Count(DetectorOptions.Fcos(80)));
        using (var torchvision = DetectorOptions.TorchvisionFcos(91).Build())
            Assert.Equal(32_269_600, torchvision.parameters().Sum(parameter => parameter.numel()));

        // A normalization's scale and shift count, its statistics do not.
        static long Count(DetectorOptions options)
        {
            using var network = options.Build();
            return network.state_dict().Where(entry => !entry.Key.Contains("running_", StringComparison.Ordinal)).Sum(entry => entry.Value.numel());
        }
    }

    [Theory]
    [InlineData(ResNetStyle.Caffe, 0, 2)]
    [InlineData(ResNetStyle.Detectron2, 0, 2)]
    [InlineData(ResNetStyle.PyTorch, 1, 2)]
    public void Dialects_differ_in_where_the_stride_is(ResNetStyle dialect, int layer, long stride)
    {
        using var backbone = new ResNet(new ResNetOptions { Width = 8, Layers = [1, 1, 1, 1], Style = dialect }, new Generator(0));
        var strides = backbone.named_modules().Where(pair => pair.name.StartsWith("stage2.0.branch.", StringComparison.Ordinal))
            .Select(pair => pair.module).OfType<SquareConvolution>().Select(conv => conv.Stride).ToArray();
        Assert.Equal(3, strides.Length);
        Assert.Equal(stride, strides[layer]);
        Assert.Equal(2, strides.Max());
        Assert.Equal(4, strides.Sum());
    }

    [Fact]
    public void Frozen_stages_have_no_gradient_and_keep_their_statistics()
    {
        using var scope = NewDisposeScope();
        var options = SmallDetectors.FcosPss with { Backbone = SmallDetectors.Backbone with { FrozenStages = 1, Normalization = Normalization.BatchNorm } };
        using var network = options.Build();
        var before = network.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.clone());
        network.Losses(network.call(SmallDetectors.Images(2)), SmallDetectors.Objects()).Total.backward();
        foreach (var (name, parameter) in network.named_parameters())
            Assert.Equal(!name.StartsWith("backbone.stem", StringComparison.Ordinal) && !name.StartsWith("backbone.stage1", StringComparison.Ordinal), parameter.grad is not null);
        var after = network.state_dict();
        Assert.True(after["backbone.stage1.0.branch.0.norm.running_mean"].eq(before["backbone.stage1.0.branch.0.norm.running_mean"]).all().item<bool>());
        Assert.False(after["backbone.stage2.0.branch.0.norm.running_mean"].eq(before["backbone.stage2.0.branch.0.norm.running_mean"]).all().item<bool>());
    }

    [Fact]
    public void Two_step_training_changes_the_selector_alone()
    {
        using var scope = NewDisposeScope();
        using var network = SmallDetectors.FcosPss.Build();
        network.FreezeAllButSelector();
        network.train();
        var before = network.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.clone());
        using var optimizer = optim.SGD(network.parameters().Where(parameter => parameter.requires_grad), 0.1, 0.9, weight_decay: 1e-4);
        for (int step = 0; step < 2; step++)
        {
            optimizer.zero_grad();
            network.Losses(network.call(SmallDetectors.Images(2)), SmallDetectors.Objects()).Total.backward();
            optimizer.step();
        }

        foreach (var (name, value) in network.state_dict())
            Assert.Equal(!name.StartsWith("pss.", StringComparison.Ordinal), value.eq(before[name]).all().item<bool>());
        using var plain = (SmallDetectors.FcosPss with { Selector = null }).Build();
        Assert.Throws<InvalidOperationException>(plain.FreezeAllButSelector);
    }

    [Fact]
    public void Weights_come_back_as_they_were_saved_and_a_selector_can_be_added()
    {
        using var scope = NewDisposeScope();
        using var plain = (SmallDetectors.FcosPss with { Selector = null }).Build(seed: 1);
        using var network = SmallDetectors.FcosPss.Build(seed: 2);
        var saved = NetworkWeights.Save(plain);
        var error = Assert.Throws<WeightFileException>(() => NetworkWeights.Load(network, saved));
        Assert.All(error.Missing, name => Assert.StartsWith("pss.", name, StringComparison.Ordinal));
        NetworkWeights.Load(network, saved, optional: name => name.StartsWith("pss.", StringComparison.Ordinal));
        var state = network.state_dict();
        foreach (var (name, value) in plain.state_dict())
            Assert.True(value.eq(state[name]).all().item<bool>(), name);
    }

    [Fact]
    public void Weights_of_another_network_change_nothing_and_are_listed()
    {
        using var scope = NewDisposeScope();
        using var network = SmallDetectors.FcosPss.Build(seed: 2);
        using var wider = (SmallDetectors.FcosPss with { Classes = 4, Head = new() { Convolutions = 2, Groups = 8, LevelScales = false } }).Build(seed: 3);
        var before = network.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.clone());
        var error = Assert.Throws<WeightFileException>(() => NetworkWeights.Load(network, NetworkWeights.Save(wider)));
        Assert.Equal(["head.scales"], error.Missing);
        Assert.Contains("head.class_tower.1.conv.weight", error.Unexpected);
        Assert.Contains("head.class_logits.weight is [3, 16, 3, 3], in the file [4, 16, 3, 3]", error.ShapeMismatches);
        Assert.Contains("Missing (1): head.scales.", error.Message, StringComparison.Ordinal);
        foreach (var (name, value) in network.state_dict())
            Assert.True(value.eq(before[name]).all().item<bool>(), name);
    }

    [Theory]
    [InlineData("backbone.body.conv1.weight", "backbone.stem.conv.weight")]
    [InlineData("backbone.body.layer3.5.bn2.running_var", "backbone.stage3.5.branch.1.norm.running_var")]
    [InlineData("backbone.body.layer2.0.downsample.1.bias", "backbone.stage2.0.shortcut.norm.bias")]
    [InlineData("backbone.body.bn1.num_batches_tracked", null)]
    [InlineData("backbone.fpn.inner_blocks.2.0.weight", "pyramid.lateral5.weight")]
    [InlineData("backbone.fpn.layer_blocks.0.weight", "pyramid.output3.weight")]
    [InlineData("backbone.fpn.extra_blocks.p7.bias", "pyramid.extra7.bias")]
    [InlineData("head.regression_head.conv.10.weight", "head.box_tower.3.norm.weight")]
    [InlineData("head.regression_head.bbox_ctrness.bias", "head.centerness.bias")]
    public void Torchvision_names_are_translated(string theirs, string? ours) => Assert.Equal(ours, TorchvisionNames.Fcos(theirs));

    [Fact]
    public void Names_of_the_classifier_of_a_backbone_are_left_out()
    {
        Assert.Null(TorchvisionNames.ResNet("fc.weight"));
        Assert.Equal("backbone.stage1.0.branch.2.conv.weight", TorchvisionNames.ResNet("layer1.0.conv3.weight"));
    }

    [Fact]
    public void Images_smaller_than_a_stride_work_in_single_precision()
    {
        using var scope = NewDisposeScope();
        using var evaluation = no_grad();
        using var network = SmallDetectors.FcosPss.Build();
        network.eval();
        var outputs = network.call(SmallDetectors.Images(1)[.., .., ..50, ..3]);
        Assert.Equal([new(7, 1, 8), new(4, 1, 16), new(2, 1, 32), new(1, 1, 64), new(1, 1, 128)], outputs.Levels);
        Assert.True(outputs.ClassLogits.isfinite().all().item<bool>());
    }

    [Theory]
    [InlineData(32, 32)]
    [InlineData(64, 32)]
    [InlineData(96, 128)]
    public void Half_precision_works(int height, int width)
    {
        using var scope = NewDisposeScope();
        using var evaluation = no_grad();
        using var network = SmallDetectors.FcosPss.Build();
        network.eval();
        var images = SmallDetectors.Images(1)[.., .., ..height, ..width];
        var single = network.call(images);
        network.FoldBatchNorm();
        network.to(ScalarType.BFloat16);
        var half = network.call(images.to(ScalarType.BFloat16));
        Assert.Equal(ScalarType.BFloat16, half.ClassLogits.dtype);
        Assert.Equal(ScalarType.Float32, half.ToFloat32().ClassLogits.dtype);
        OracleTensors.Close(single.ClassLogits, half.ClassLogits, 0.05);
    }

    [Theory]
    [InlineData(Normalization.BatchNorm)]
    [InlineData(Normalization.FrozenBatchNorm)]
    [InlineData(Normalization.GroupNorm)]
    public void A_network_owns_its_tensors_whatever_scope_it_is_built_in(Normalization normalization)
    {
        var options = SmallDetectors.FcosPss with { Backbone = SmallDetectors.Backbone with { Normalization = normalization } };
        DenseDetector network;
        using (var scope = NewDisposeScope())
        {
            network = options.Build();
            network.FoldBatchNorm();
            Assert.Equal(0, scope.DisposablesCount);
            network.to(ScalarType.Float64);
            network.to(ScalarType.Float32);
            Assert.Equal(0, scope.DisposablesCount);
        }

        using (network)
        {
            using var scope = NewDisposeScope();
            Assert.True(network.call(SmallDetectors.Images(1)).ClassLogits.isfinite().all().item<bool>());
        }
    }

    [Fact]
    public void Normalizations_start_as_the_identity_or_at_zero_where_a_branch_ends()
    {
        using var scope = NewDisposeScope();
        foreach (var normalization in Enum.GetValues<Normalization>())
        {
            using var network = (SmallDetectors.FcosPss with { Backbone = SmallDetectors.Backbone with { Normalization = normalization } }).Build();
            var norms = network.state_dict().Where(entry => entry.Key.Contains(".norm.", StringComparison.Ordinal)).ToDictionary();
            Assert.Contains("head.box_tower.0.norm.weight", norms.Keys);
            Assert.Contains("pss.tower.0.norm.bias", norms.Keys);
            Assert.Contains("backbone.stem.norm.weight", norms.Keys);
            foreach (var (name, value) in norms)
            {
                var ofBranchEnd = name.StartsWith("backbone.", StringComparison.Ordinal) && name.EndsWith(".branch.1.norm.weight", StringComparison.Ordinal);
                var expected = name.EndsWith(".weight", StringComparison.Ordinal) && !(ofBranchEnd && normalization != Normalization.FrozenBatchNorm)
                    || name.EndsWith(".running_var", StringComparison.Ordinal) ? 1 : 0;
                Assert.True(value.eq(expected).all().item<bool>(), $"{normalization}: {name}");
            }
        }
    }

    [Fact]
    public void A_call_that_fails_leaves_no_tensor()
    {
        using var network = SmallDetectors.FcosPss.Build();
        using var wrong = zeros(1, 4, 64, 64);
        using var other = zeros([1, 3, 64, 64], ScalarType.Float64);
        var before = LiveTensors.OfThread;
        Assert.ThrowsAny<Exception>(() => network.call(wrong));
        Assert.ThrowsAny<Exception>(() => network.call(other));
        Assert.Equal(before, LiveTensors.OfThread);
    }

    [Theory]
    [InlineData("Classes")]
    [InlineData("Width")]
    [InlineData("Layers")]
    [InlineData("RangeBounds")]
    [InlineData("Groups")]
    [InlineData("Alpha")]
    [InlineData("RankingMargin")]
    [InlineData("HiddenConvolutions")]
    public void Options_out_of_range_are_named(string property)
    {
        var good = DetectorOptions.FcosPss(3);
        var bad = property switch
        {
            "Classes" => good with { Classes = 0 },
            "Width" => good with { Backbone = good.Backbone with { Width = 0 } },
            "Layers" => good with { Backbone = good.Backbone with { Layers = [1, 2, 3] } },
            "RangeBounds" => (FcosOptions)good with { RangeBounds = [64, 32, 128, 256] },
            "Groups" => good with { Pyramid = new() { Channels = 48 } },
            "Alpha" => good with { Matching = new() { Alpha = 1.5 } },
            "RankingMargin" => good with { Losses = new() { RankingMargin = double.NaN } },
            _ => good with { Selector = new() { HiddenConvolutions = 9 } },
        };
        good.Validate();
        var error = Assert.Throws<ArgumentOutOfRangeException>(bad.Validate);
        Assert.Contains(property, error.Message, StringComparison.Ordinal);
    }

    private static DetectorOptions Options(string kind) => kind switch
    {
        "Fcos" => DetectorOptions.Fcos(3),
        "Atss" => DetectorOptions.Atss(3),
        "FcosPss" => DetectorOptions.FcosPss(3),
        _ => DetectorOptions.AtssPss(3),
    };
}
