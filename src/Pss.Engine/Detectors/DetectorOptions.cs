using Pss.Engine.Assignment;
using Pss.Engine.Backbones;
using Pss.Engine.Boxes;
using Pss.Engine.Losses;
using Pss.Engine.Weights.NameMaps;

namespace Pss.Engine.Detectors;

/// <summary>
/// Everything that makes a detector what it is: network, assignment, matching and losses. The defaults are the paper's FCOS.
/// </summary>
public sealed record DetectorOptions
{
    /// <summary>Number of classes C; labels are 0..C-1, background has none.</summary>
    public required int Classes { get; init; }

    /// <summary>The backbone.</summary>
    public ResNetOptions Backbone { get; init; } = ResNetOptions.ResNet50;

    /// <summary>The pyramid.</summary>
    public PyramidOptions Pyramid { get; init; } = new();

    /// <summary>The one-to-many head.</summary>
    public DenseHeadOptions Head { get; init; } = new();

    /// <summary>The positive sample selector; null for a base detector that needs NMS.</summary>
    public PssHeadOptions? Selector { get; init; }

    /// <summary>One-to-many assignment.</summary>
    public AssignmentOptions Assignment { get; init; } = new();

    /// <summary>One-to-one matching.</summary>
    public MatchingOptions Matching { get; init; } = new();

    /// <summary>The losses.</summary>
    public LossOptions Losses { get; init; } = new();

    /// <summary>How pixels are normalized, as the backbone's dialect has it.</summary>
    public PixelNormalization Pixels => PixelNormalization.For(Backbone.Style);

    /// <summary>The 3x3 convolutions between equal channels: no network of these options has fewer weights.</summary>
    internal double LeastWeights
    {
        get
        {
            var blocks = Backbone.Layers.Select((count, stage) => count * Math.Pow(Backbone.Width << stage, 2)).Sum();
            var convolutions = 4 + 2 * Head.Convolutions + (Selector?.HiddenConvolutions ?? 0);
            return 9 * (blocks + convolutions * Math.Pow(Pyramid.Channels, 2) + (double)Classes * Pyramid.Channels);
        }
    }

    /// <summary>FCOS, the base detector.</summary>
    /// <param name="classes">Number of classes.</param>
    public static DetectorOptions Fcos(int classes) => new() { Classes = classes };

    /// <summary>ATSS, the base detector.</summary>
    /// <param name="classes">Number of classes.</param>
    public static DetectorOptions Atss(int classes) => new()
    {
        Classes = classes,
        Pyramid = new() { ReluBeforeP7 = false },
        Head = new() { BoxEncoding = BoxEncoding.Deltas },
        Assignment = new() { Method = AssignmentMethod.Atss, PointOffset = PointOffset.Corner, IgnorePadding = true },
    };

    /// <summary>FCOS with the positive sample selector: no NMS.</summary>
    /// <param name="classes">Number of classes.</param>
    public static DetectorOptions FcosPss(int classes) => Fcos(classes) with { Selector = new() };

    /// <summary>ATSS with the positive sample selector: no NMS.</summary>
    /// <param name="classes">Number of classes.</param>
    public static DetectorOptions AtssPss(int classes) => Atss(classes) with { Selector = new() };

    /// <summary>
    /// torchvision's <c>fcos_resnet50_fpn</c>, to load its checkpoints by <see cref="TorchvisionNames.Fcos"/>: biases in the
    /// towers, no level scales, locations at the corners of their cells, unweighted box loss.
    /// </summary>
    /// <param name="classes">Number of classes; 91 in the COCO checkpoint.</param>
    public static DetectorOptions TorchvisionFcos(int classes) => Fcos(classes) with
    {
        Head = new() { ConvolutionBias = true, LevelScales = false },
        Assignment = new() { PointOffset = PointOffset.Corner },
        Losses = new() { BoxWeighting = BoxWeighting.Uniform, BoxWeight = 1 },
    };

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A property is out of its range; the message names it.</exception>
    public void Validate()
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

        Assignment.Validate();
        Matching.Validate();
        Losses.Validate();
    }
}
