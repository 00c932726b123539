using Pss.Engine.Assignment;
using Pss.Engine.Backbones;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using Pss.Engine.Losses;
using Pss.Engine.Training;

namespace Pss.Engine.Tests;

/// <summary>Every option is checked: the ends of its range pass, and what lies beyond is refused by its name.</summary>
public sealed class OptionsTests
{
    private static (string Name, Action<double> Validate, double Low, double High)[] Ranges { get; } =
    [
        ("FocalAlpha", value => (new LossOptions() with { FocalAlpha = value }).Validate(), 0, 1),
        ("FocalGamma", value => (new LossOptions() with { FocalGamma = value }).Validate(), 0, 10),
        ("ClassificationWeight", value => (new LossOptions() with { ClassificationWeight = value }).Validate(), 0, 1000),
        ("BoxWeight", value => (new LossOptions() with { BoxWeight = value }).Validate(), 0, 1000),
        ("CenternessWeight", value => (new LossOptions() with { CenternessWeight = value }).Validate(), 0, 1000),
        ("SelectorWeight", value => (new LossOptions() with { SelectorWeight = value }).Validate(), 0, 1000),
        ("RankingWeight", value => (new LossOptions() with { RankingWeight = value }).Validate(), 0, 1000),
        ("RankingMargin", value => (new LossOptions() with { RankingMargin = value }).Validate(), 0, 1),
        ("RankingCount", value => (new LossOptions() with { RankingCount = (int)value }).Validate(), 1, 100_000),
        ("Alpha", value => (new MatchingOptions() with { Alpha = value }).Validate(), 0, 1),
        ("CenterRadius", value => (new MatchingOptions() with { CenterRadius = value }).Validate(), 0.1, 100),
        ("HiddenConvolutions", value => (new SelectorOptions() with { HiddenConvolutions = (int)value }).Validate(), 0, 8),
        ("Groups", value => (new SelectorOptions() with { Groups = (int)value }).Validate(), 0, 1024),
        ("InitialBias", value => (new SelectorOptions() with { InitialBias = value }).Validate(), -20, 20),
        ("Convolutions", value => (new DenseHeadOptions() with { Convolutions = (int)value }).Validate(), 1, 16),
        ("Groups", value => (new DenseHeadOptions() with { Groups = (int)value }).Validate(), 1, 1024),
        ("Channels", value => (new PyramidOptions() with { Channels = (int)value }).Validate(), 4, 4096),
        ("Width", value => (ResNetOptions.ResNet18 with { Width = (int)value }).Validate(), 4, 1024),
        ("FrozenStages", value => (ResNetOptions.ResNet18 with { FrozenStages = (int)value }).Validate(), 0, 4),
        ("Groups", value => (ResNetOptions.ResNet50 with { Groups = (int)value }).Validate(), 1, 1024),
        ("WidthPerGroup", value => (ResNetOptions.ResNet50 with { WidthPerGroup = (int)value }).Validate(), 1, 1024),
        ("Scales", value => (ResNetOptions.ResNet50 with { Scales = (int)value }).Validate(), 1, 16),
        ("DeformableStages", value => (ResNetOptions.ResNet50 with { DeformableStages = [(int)value] }).Validate(), 1, 4),
        ("Classes", value => DetectorOptions.Fcos((int)value).Validate(), 1, 100_000),
        ("AnchorScale", value => (DetectorOptions.Atss(3) with { AnchorScale = value }).Validate(), 0.5, 100),
        ("CenterRadius", value => ((FcosOptions)DetectorOptions.Fcos(3) with { CenterRadius = value }).Validate(), 0.1, 100),
        ("Candidates", value => ((AtssOptions)DetectorOptions.Atss(3) with { Candidates = (int)value }).Validate(), 1, 1000),
        ("AuxiliaryWeight", value => (DetectorOptions.Defcn(3) with { AuxiliaryWeight = value }).Validate(), 0, 1000),
        ("AuxiliaryCandidates", value => (DetectorOptions.Defcn(3) with { AuxiliaryCandidates = (int)value }).Validate(), 1, 1000),
        ("ScoreThreshold", value => (new PostProcessingOptions() with { ScoreThreshold = (float)value }).Validate(), 0, 1),
        ("MaxDetections", value => (new PostProcessingOptions() with { MaxDetections = (int)value }).Validate(), 1, 100_000),
        ("CandidatesPerLevel", value => (new PostProcessingOptions() with { CandidatesPerLevel = (int)value }).Validate(), 1, 1_000_000),
        ("CandidateThreshold", value => (new PostProcessingOptions() with { CandidateThreshold = (float)value }).Validate(), 0, 1),
        ("NmsThreshold", value => (new PostProcessingOptions() with { NmsThreshold = (float)value }).Validate(), 0, 1),
        ("Momentum", value => (new TrainingOptions() with { Momentum = value }).Validate(), 0, 1),
        ("DecayFactor", value => (new TrainingOptions() with { Schedule = new() { DecayFactor = value } }).Validate(), 0, 1),
        ("WarmUpRatio", value => (new TrainingOptions() with { Schedule = new() { WarmUpRatio = value } }).Validate(), 0, 1),
    ];

    [Fact]
    public void The_ends_of_every_range_pass_and_what_lies_beyond_is_refused_by_name()
    {
        foreach (var (name, validate, low, high) in Ranges)
        {
            validate(low);
            validate(high);
            foreach (var beyond in (double[])[low - 1, high + 1])
                Assert.Contains(name, Assert.ThrowsAny<ArgumentException>(() => validate(beyond)).Message);
        }
    }

    [Fact]
    public void Options_of_the_backbone_are_stored_and_old_files_lack_some()
    {
        var options = DetectorOptions.FcosPss(3) with { Backbone = ResNetOptions.Res2Net101 with { DeformableStages = [3, 4] } };
        var stored = OptionsJson.Write<DetectorOptions>(options);
        Assert.Equal(stored, OptionsJson.Write(OptionsJson.Read<DetectorOptions>(stored)));
        var old = OptionsJson.Read<DetectorOptions>("""{"Detector":"Fcos","Classes":3,"Backbone":{"Block":"Bottleneck","Layers":[3,4,23,3]}}""").Backbone;
        Assert.Equal(OptionsJson.Write(ResNetOptions.ResNet101), OptionsJson.Write(old));
    }

    [Fact]
    public void Options_that_contradict_each_other_are_refused()
    {
        var detector = DetectorOptions.FcosPss(3);
        Refused("Head.Groups", detector with { Head = new() { Groups = 24 } });
        Refused("Selector.Groups", detector with { Selector = new() { Groups = 24 } });
        (detector with { Selector = new() { Groups = 0 } }).Validate();
        Refused("Layers", detector with { Backbone = ResNetOptions.ResNet18 with { Layers = [2, 2, 2] } });

        (string Name, ResNetOptions Options)[] backbones =
        [
            ("Groups", ResNetOptions.ResNet18 with { Groups = 2 }),
            ("WidthPerGroup", ResNetOptions.ResNet18 with { WidthPerGroup = 32 }),
            ("WidthPerGroup", ResNetOptions.ResNeXt101 with { Width = 8 }),
            ("Scales", ResNetOptions.ResNet18 with { Scales = 4 }),
            ("Scales", ResNetOptions.ResNeXt101 with { Scales = 4 }),
            ("Scales", ResNetOptions.Res2Net101 with { Style = ResNetStyle.Caffe }),
            ("DeformableStages", ResNetOptions.ResNet50 with { DeformableStages = [2, 2] }),
        ];
        foreach (var (name, backbone) in backbones)
            Refused(name, detector with { Backbone = backbone });
        foreach (var backbone in (ResNetOptions[])[ResNetOptions.ResNeXt101, ResNetOptions.Res2Net101, ResNetOptions.ResNet18 with { DeformableStages = [4, 2] }])
            (detector with { Backbone = backbone }).Validate();

        static void Refused(string name, DetectorOptions options) => Assert.Contains(name, Assert.ThrowsAny<ArgumentException>(options.Validate).Message);
    }
}
