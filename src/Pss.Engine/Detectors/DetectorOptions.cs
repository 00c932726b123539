using System.Text.Json.Serialization;
using Pss.Engine.Assignment;
using Pss.Engine.Backbones;
using Pss.Engine.Boxes;
using Pss.Engine.Losses;

namespace Pss.Engine.Detectors;

/// <summary>
/// Everything that makes a detector what it is: network, assignment, matching and losses. The defaults are the paper's. Each kind of
/// detector has a record of its own: <see cref="FcosOptions"/>, <see cref="AtssOptions"/>, <see cref="CondInstOptions"/> and others.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "Detector")]
[JsonDerivedType(typeof(FcosOptions), "Fcos")]
[JsonDerivedType(typeof(AtssOptions), "Atss")]
[JsonDerivedType(typeof(CondInstOptions), "CondInst")]
[JsonDerivedType(typeof(DefcnOptions), "Defcn")]
[JsonDerivedType(typeof(GfocalV2Options), "GfocalV2")]
[JsonDerivedType(typeof(VfnetOptions), "Vfnet")]
public abstract record DetectorOptions
{
    private protected DetectorOptions()
    {
    }

    /// <summary>Number of classes C; labels are 0..C-1, background has none.</summary>
    public required int Classes { get; init; }

    /// <summary>The backbone.</summary>
    public ResNetOptions Backbone { get; init; } = ResNetOptions.ResNet50;

    /// <summary>The pyramid.</summary>
    public PyramidOptions Pyramid { get; init; } = new();

    /// <summary>The one-to-many head.</summary>
    public DenseHeadOptions Head { get; init; } = new();

    /// <summary>The positive sample selector; null for a base detector that needs NMS, and for DeFCN, which does without.</summary>
    public SelectorOptions? Selector { get; init; }

    /// <summary>What the box branch predicts: distances in units of the stride (FCOS) or deltas against an anchor (ATSS).</summary>
    public BoxEncoding BoxEncoding { get; init; }

    /// <summary>Side of the square anchors, in strides, for deltas and for ATSS's assignment.</summary>
    public double AnchorScale { get; init; } = 8;

    /// <summary>Where in its cell a location lies.</summary>
    public PointOffset PointOffset { get; init; }

    /// <summary>
    /// Locations in the padding beyond an image count as background in the class loss (FCOS's base code) or not at all (ATSS's base code).
    /// Only batches that state their images' sizes can tell.
    /// </summary>
    public bool IgnorePadding { get; init; }

    /// <summary>One-to-one matching.</summary>
    public MatchingOptions Matching { get; init; } = new();

    /// <summary>The losses.</summary>
    public LossOptions Losses { get; init; } = new();

    /// <summary>The base detector's name.</summary>
    internal abstract string Kind { get; }

    /// <summary>Whether the detector learns and predicts masks.</summary>
    [JsonIgnore]
    public virtual bool HasMasks => false;

    /// <summary>Whether the detector can do without NMS: by its selector, or by its own score.</summary>
    internal virtual bool IsEndToEnd => Selector is not null;

    /// <summary>How pixels are normalized, as the backbone's style has it.</summary>
    internal PixelNormalization Pixels => PixelNormalization.For(Backbone.Style);

    /// <summary>The 3x3 convolutions of a stage and those between equal channels: no network of these options has fewer weights.</summary>
    internal double LeastWeights
    {
        get
        {
            var blocks = Enumerable.Range(1, Backbone.Layers.Count).Sum(Backbone.LeastWeightsOf);
            var convolutions = 4 + 2 * Head.Convolutions + (Selector?.HiddenConvolutions ?? 0);
            return blocks + 9 * (convolutions * Math.Pow(Pyramid.Channels, 2) + (double)Classes * Pyramid.Channels);
        }
    }

    /// <summary>FCOS, the base detector.</summary>
    /// <param name="classes">Number of classes.</param>
    public static FcosOptions Fcos(int classes) => new() { Classes = classes };

    /// <summary>ATSS, the base detector.</summary>
    /// <param name="classes">Number of classes.</param>
    public static AtssOptions Atss(int classes) => new() { Classes = classes };

    /// <summary>FCOS with the positive sample selector: no NMS.</summary>
    /// <param name="classes">Number of classes.</param>
    public static FcosOptions FcosPss(int classes) => Fcos(classes) with { Selector = new() };

    /// <summary>ATSS with the positive sample selector: no NMS.</summary>
    /// <param name="classes">Number of classes.</param>
    public static AtssOptions AtssPss(int classes) => Atss(classes) with { Selector = new() };

    /// <summary>CondInst: FCOS with a mask for each object.</summary>
    /// <param name="classes">Number of classes.</param>
    public static CondInstOptions CondInst(int classes) => new() { Classes = classes };

    /// <summary>CondInst with the positive sample selector: masks without NMS.</summary>
    /// <param name="classes">Number of classes.</param>
    public static CondInstOptions CondInstPss(int classes) => CondInst(classes) with { Selector = new() };

    /// <summary>GFocalV2: ATSS with distributions of distances and a quality that is read from them.</summary>
    /// <param name="classes">Number of classes.</param>
    public static GfocalV2Options GfocalV2(int classes) => new() { Classes = classes };

    /// <summary>GFocalV2 with the positive sample selector: no NMS. Its authors train the selector in a second step
    /// (<see cref="Pss.Engine.Training.TrainingOptions.SelectorOnly"/>).</summary>
    /// <param name="classes">Number of classes.</param>
    public static GfocalV2Options GfocalV2Pss(int classes) => GfocalV2(classes) with { Selector = new() };

    /// <summary>VFNet: ATSS with boxes that are refined by what lies at their corners and sides.</summary>
    /// <param name="classes">Number of classes.</param>
    public static VfnetOptions Vfnet(int classes) => new() { Classes = classes };

    /// <summary>VFNet with the positive sample selector: no NMS.</summary>
    /// <param name="classes">Number of classes.</param>
    public static VfnetOptions VfnetPss(int classes) => Vfnet(classes) with { Selector = new() };

    /// <summary>DeFCN, the end-to-end detector that the paper compares with: FCOS with a one-to-one assignment and a max filter. No NMS.</summary>
    /// <param name="classes">Number of classes.</param>
    public static DefcnOptions Defcn(int classes) => new() { Classes = classes };

    /// <summary>
    /// torchvision's <c>fcos_resnet50_fpn</c>, to load its checkpoints: biases in the towers, no level scales, locations at the corners of
    /// their cells, unweighted box loss.
    /// </summary>
    /// <param name="classes">Number of classes; 91 in the COCO checkpoint.</param>
    public static FcosOptions TorchvisionFcos(int classes) => Fcos(classes) with
    {
        Head = new() { ConvolutionBias = true, LevelScales = false },
        PointOffset = PointOffset.Corner,
        Losses = new() { BoxWeighting = BoxWeighting.Uniform, BoxWeight = 1 },
    };

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A property is out of its range; the message names it.</exception>
    public virtual void Validate()
    {
        Check.Within(Classes, 1, 100_000);
        Backbone.Validate();
        Pyramid.Validate();
        Head.Validate();
        int channels = Pyramid.Channels;
        Check.That(channels % Head.Groups == 0, "Head.Groups", Head.Groups, $"a divisor of the pyramid's {channels} channels");
        if (Selector is { Groups: int groups })
        {
            Selector.Validate();
            Check.That(groups == 0 || channels % groups == 0, "Selector.Groups", groups, $"0 or a divisor of the pyramid's {channels} channels");
        }

        Check.Within(AnchorScale, 0.5, 100);
        Matching.Validate();
        Losses.Validate();
        Check.That(Losses.ClassWeights is null || Losses.ClassWeights.Count == Classes, "Losses.ClassWeights", Losses.ClassWeights?.Count, $"one weight for each of the {Classes} classes, or null");
    }

    /// <summary>Builds the detector on the CPU, with starting weights drawn from a seed.</summary>
    internal abstract DenseDetector Build(ulong seed = 0);
}
