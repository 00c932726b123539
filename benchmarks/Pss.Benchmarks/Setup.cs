using System.Globalization;
using Pss.Engine.Backbones;
using Pss.Engine.Data.Images;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using Pss.Engine.Weights;

namespace Pss.Benchmarks;

/// <summary>What several benchmarks begin with.</summary>
internal static class Setup
{
    /// <summary>A number of the command line.</summary>
    public static int Number(string[] arguments, int index, int otherwise)
        => arguments.Length > index ? int.Parse(arguments[index], CultureInfo.InvariantCulture) : otherwise;

    /// <summary>Images of noise.</summary>
    public static IEnumerable<RgbImage> Noise(int count, int width, int height)
    {
        var random = new Random(1);
        for (var i = 0; i < count; i++)
        {
            var image = new RgbImage(width, height);
            random.NextBytes(image.Pixels);
            yield return image;
        }
    }

    /// <summary>FCOS_PSS with a network so small that what is not the network shows.</summary>
    public static DetectorOptions Small(int classes) => DetectorOptions.FcosPss(classes) with
    {
        Backbone = ResNetOptions.ResNet18.FromScratch() with { Width = 8 },
        Pyramid = new() { Channels = 32 },
        Head = new() { Convolutions = 1, Groups = 8 },
        Selector = new() { Groups = 8 },
    };

    /// <summary>A detector with starting weights: what it costs does not depend on them.</summary>
    public static DetectorModel Untrained(DetectorOptions options, Resize resize)
    {
        using var network = options.Build();
        return new(options, [.. Enumerable.Range(0, options.Classes).Select(i => $"class {i}")], resize, NetworkWeights.Save(network));
    }
}
