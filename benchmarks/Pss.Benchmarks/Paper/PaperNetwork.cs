using Pss.Engine.Backbones;
using Pss.Engine.Data.Images;
using Pss.Engine.Data.Scenes;
using Pss.Engine.Detectors;

namespace Pss.Benchmarks.Paper;

/// <summary>The size of networks and scenes: small enough for a training to take a few minutes on one core. All shapes are one class: what is
/// compared is which location detects an object, and telling shapes apart would take most of so short a training.</summary>
/// <param name="Width">Channels of the backbone's stem.</param>
/// <param name="Channels">Channels of pyramid and head.</param>
/// <param name="Scenes">The generated images.</param>
internal sealed record PaperNetwork(int Width, int Channels, SceneOptions Scenes)
{
    /// <summary>What the benchmark runs.</summary>
    public static PaperNetwork Default { get; } = new(
        16, 32, new() { Width = 128, Height = 96, MinSize = 32, MaxSize = 88, MaxObjects = 4, MinVisible = 0.4, OneClass = true });

    /// <summary>How images are brought to the network's size.</summary>
    public Resize Size => Resize.Letterbox(Scenes.Width, Scenes.Height);

    /// <summary>The detector whose training gives all others their backbone and pyramid, as the paper's start from a backbone of ImageNet: normalizations and
    /// first stage stay as they are then. With weights of their own, so short trainings differ more between seeds than between rows.</summary>
    public DetectorOptions Pretraining
    {
        get
        {
            var fcos = Apply(DetectorOptions.Fcos(1));
            return fcos with { Backbone = fcos.Backbone.FromScratch() };
        }
    }

    /// <summary>A detector on the small network. Its levels hand over to each other at half of the paper's sizes, as images are smaller.</summary>
    public DetectorOptions Apply(DetectorOptions options)
    {
        var small = options with
        {
            Backbone = ResNetOptions.ResNet18 with { Width = Width },
            Pyramid = options.Pyramid with { Channels = Channels },
            Head = options.Head with { Convolutions = 2, Groups = 8 },
            Selector = options.Selector is null ? null : options.Selector with { Groups = 8 },
            AnchorScale = 4,
        };
        return small is FcosOptions fcos ? fcos with { RangeBounds = [32, 64, 128, 256] } : small;
    }
}
