using Pss.Engine.Assignment;
using Pss.Engine.Backbones;
using Pss.Engine.Detectors;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Detectors;

/// <summary>Detectors small enough for a test, and a batch for them.</summary>
internal static class SmallDetectors
{
    public static ResNetOptions Backbone { get; } = new ResNetOptions { Block = ResNetBlock.Basic, Layers = [1, 1, 1, 1], Width = 8 }.FromScratch();

    public static DetectorOptions FcosPss { get; } = Small(DetectorOptions.FcosPss(3));

    public static DetectorOptions Small(DetectorOptions options) => options with
    {
        Backbone = Backbone,
        Pyramid = options.Pyramid with { Channels = 16 },
        Head = options.Head with { Convolutions = 1, Groups = 8 },
        Selector = options.Selector is null ? null : options.Selector with { Groups = 8 },
    };

    /// <summary>N images of 128 x 128 pixels, normal noise.</summary>
    public static Tensor Images(int count)
    {
        using var generator = new Generator(11);
        return randn([count, 3, 128, 128], generator: generator);
    }

    /// <summary>Two images with two objects each.</summary>
    public static BatchTargets Objects() => BatchTargets.Create(
        [[10, 12, 50, 60, 30, 20, 120, 125], [5, 5, 30, 25, 60, 60, 100, 90]], [[0, 2], [1, 1]], 3, CPU, [(128, 128), (128, 128)]);
}
