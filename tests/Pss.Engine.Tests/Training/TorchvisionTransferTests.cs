using Pss.Engine.Data.Images;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using Pss.Engine.Tests.Detectors;
using Pss.Engine.Training;
using Pss.Engine.Weights;
using Pss.Engine.Weights.NameMaps;

namespace Pss.Engine.Tests.Training;

/// <summary>Public checkpoints as the start of a training, on torchvision's slim models.</summary>
public class TorchvisionTransferTests
{
    private static readonly TinyDetector.Squares Source = new(4);

    [Theory]
    [InlineData("tiny", "weights.pth")]
    [InlineData("micro", "weights.pth")]
    [InlineData("micro", "weights_legacy.pth")]
    public void A_public_detector_is_given_a_selector_and_stays_what_it_was(string model, string file)
    {
        var detector = Options(model) with { Selector = new() { HiddenConvolutions = 1 } };
        var start = WeightFile.Read(OracleFiles.Path("torchvision_fcos", model, file));
        var trained = Train(detector, start, selectorOnly: true);
        // A counter of batches is not among torchvision's names.
        foreach (var array in trained.Weights.Tensors.Where(array => !array.Name.StartsWith("pss.", StringComparison.Ordinal) && !array.Name.EndsWith("num_batches_tracked", StringComparison.Ordinal)))
            Assert.True(array.Data.Span.SequenceEqual(start[array.Name].Data.Span), array.Name);

        var drawn = Train(detector, start, selectorOnly: true, rate: 1e-30);
        Assert.False(trained.Weights["pss.logit.weight"].Data.Span.SequenceEqual(drawn.Weights["pss.logit.weight"].Data.Span));
        var image = Source.Load(0).Image;
        var many = new InferenceOptions { Device = "cpu", PostProcessing = new() { Mode = DetectionMode.OneToMany } };
        using var before = new Detector(trained with { Options = Options(model), Weights = start }, many);
        using var after = new Detector(trained, many);
        using var endToEnd = new Detector(trained, new() { Device = "cpu" });
        Assert.NotEmpty(before.Detect(image));
        Assert.Equal(before.Detect(image), after.Detect(image));
        Assert.Equal(100, endToEnd.Detect(image).Count);
    }

    [Fact]
    public void A_public_backbone_is_given_pyramid_and_heads()
    {
        const string Body = "backbone.body.";
        var resNet = Read("micro", "weights.pth").Rename(name => name.StartsWith(Body, StringComparison.Ordinal) ? name[Body.Length..] : null);
        resNet = new(resNet.Tensors.Append(NamedTensor.FromSingles("fc.weight", [2], [1, 2])));
        var detector = Options("micro");
        detector = detector with { Backbone = detector.Backbone with { FrozenStages = 1 } };
        var trained = Train(detector, resNet.Rename(TorchvisionNames.ResNet));
        Assert.True(trained.Weights["backbone.stem.conv.weight"].Data.Span.SequenceEqual(resNet["conv1.weight"].Data.Span));
        Assert.Throws<WeightFileException>(() => Train(detector, resNet.Rename(name => name == "conv1.weight" ? null : TorchvisionNames.ResNet(name))));
    }

    [Fact]
    public void A_public_backbone_is_given_deformable_convolutions()
    {
        var detector = Options("micro");
        detector = detector with { Backbone = detector.Backbone with { FrozenStages = 0, DeformableStages = [4] } };
        var start = WeightFile.Read(OracleFiles.Path("torchvision_fcos", "micro", "weights.pth"));
        var trained = Train(detector, start, rate: 1e-30);
        Assert.All(trained.Weights["backbone.stage4.0.branch.0.conv.offsets.weight"].ToSingles(), value => Assert.Equal(0, value, 1e-6f));
        Assert.Equal(start["backbone.stage4.0.branch.0.conv.weight"].ToSingles(), trained.Weights["backbone.stage4.0.branch.0.conv.weight"].ToSingles());
        var partial = new WeightFile(start.Tensors.Append(NamedTensor.FromSingles("backbone.stage4.0.branch.0.conv.offsets.bias", [27], new float[27])));
        Assert.Contains("offsets.weight", Assert.Throws<WeightFileException>(() => Train(detector, partial)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_public_detector_is_given_other_classes()
    {
        var weights = Read("micro", "weights.pth");
        var detector = Options("micro") with { Classes = 2 };
        var error = Assert.Throws<WeightFileException>(() => Train(detector, weights.Rename(TorchvisionNames.Fcos)));
        Assert.Contains("head.class_logits.weight is [2, 32, 3, 3], in the file [3, 32, 3, 3]", error.Message, StringComparison.Ordinal);
        var trained = Train(detector, weights.Rename(name => name.Contains("cls_logits") ? null : TorchvisionNames.Fcos(name)), rate: 1e-30);
        Assert.Equal(weights["head.regression_head.bbox_reg.weight"].ToSingles(), trained.Weights["head.boxes.weight"].ToSingles());
        Assert.Equal([2, 32, 3, 3], trained.Weights["head.class_logits.weight"].Shape);
    }

    private static DetectorModel Train(DetectorOptions detector, WeightFile start, bool selectorOnly = false, double rate = 0.01)
    {
        var training = TinyDetector.Training with { Schedule = new() { Epochs = 2, DecayEpochs = [], WarmUpSteps = 0 }, SelectorOnly = selectorOnly, LearningRate = rate };
        string[] classes = [.. Enumerable.Range(0, detector.Classes).Select(label => $"class {label}")];
        return new DetectorTrainer(detector, training, TinyDetector.Augmentation, Resize.ShortestEdge(64, 64)).Train(Source, classes, start: start);
    }

    private static DetectorOptions Options(string model)
    {
        using var network = TorchvisionFcosTests.Load(model);
        return network.Options;
    }

    /// <summary>The file with the names that it holds.</summary>
    private static WeightFile Read(string model, string file) => PyTorchCheckpoint.Read(OracleFiles.Path("torchvision_fcos", model, file));
}
