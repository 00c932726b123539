using Pss.Engine.Backbones;
using Pss.Engine.Data.Images;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using Pss.Engine.Layers;
using Pss.Engine.Weights;
using Pss.Engine.Weights.NameMaps;

namespace Pss.MLNet.Tests.Onnx;

/// <summary>Small detectors whose scores and boxes spread widely, so that a wrong operator shows.</summary>
internal static class RandomDetectors
{
    public const int Width = 96;
    public const int Height = 64;

    /// <summary>By name: all four detectors, one without the center-ness branch, both dialects and blocks, every normalization; "tiny" and "micro" have torchvision's weights below a random selector.</summary>
    public static DetectorModel Make(string name, int width = Width, int height = Height) => name switch
    {
        "FCOS" => Make(DetectorOptions.Fcos(3), Basic(Normalization.BatchNorm), width, height),
        "FCOS_PSS" => Make(DetectorOptions.FcosPss(3), Bottleneck(ResNetStyle.Caffe, Normalization.FrozenBatchNorm), width, height),
        "FCOS_PSS, local maxima" => Make(DetectorOptions.FcosPss(3) with { Selector = new() { LocalMaxima = true } }, Basic(Normalization.BatchNorm), width, height),
        "ATSS" => Make(DetectorOptions.Atss(2), Bottleneck(ResNetStyle.PyTorch, Normalization.GroupNorm), width, height),
        "ATSS_PSS" => Make(
            DetectorOptions.AtssPss(4) with { Selector = new() { Groups = 0, HiddenConvolutions = 1, Input = SelectorInput.Classification } },
            Bottleneck(ResNetStyle.PyTorch, Normalization.BatchNorm), width, height),
        "no center-ness" => Make(
            DetectorOptions.FcosPss(3) with { Head = new() { Centerness = false }, Selector = new() { HiddenConvolutions = 0 } },
            Basic(Normalization.BatchNorm), width, height),
        "DeFCN" => Make(DetectorOptions.Defcn(3), Basic(Normalization.BatchNorm), width, height),
        "GFocalV2_PSS" => Make(DetectorOptions.GfocalV2Pss(3), Basic(Normalization.BatchNorm), width, height),
        "VFNet_PSS" => Make(DetectorOptions.VfnetPss(3), Basic(Normalization.BatchNorm), width, height),
        "ResNeXt" => Make(DetectorOptions.FcosPss(3), Deformable(ResNetOptions.ResNeXt101 with { Groups = 4, WidthPerGroup = 16 }), width, height),
        "Res2Net" => Make(DetectorOptions.AtssPss(3), Deformable(ResNetOptions.Res2Net101 with { WidthPerGroup = 32 }), width, height),
        "tiny" => Torchvision(name, 5, new() { Layers = [1, 1, 1, 1], Width = 8, Normalization = Normalization.BatchNorm, FrozenStages = 0 }, new() { Channels = 64 }),
        _ => Torchvision(
            name, 3, new() { Block = ResNetBlock.Basic, Layers = [1, 2, 1, 1], Width = 8, FrozenStages = 0 }, new() { Channels = 32, P6Source = P6Source.C5 }),
    };

    public static RgbImage Image(int seed, int width, int height)
    {
        var random = new Random(seed);
        var image = new RgbImage(width, height);
        random.NextBytes(image.Pixels);
        // A few flat rectangles on the noise.
        for (var i = 0; i < 6; i++)
        {
            var (left, top) = (random.Next(width), random.Next(height));
            var (right, bottom) = (random.Next(left, width), random.Next(top, height));
            var color = (byte)random.Next(256);
            for (var y = top; y < bottom; y++)
                image.Pixels.AsSpan(3 * (y * width + left), 3 * (right - left)).Fill(color);
        }
        return image;
    }

    private static ResNetOptions Basic(Normalization normalization) =>
        new ResNetOptions { Block = ResNetBlock.Basic, Layers = [1, 2, 1, 1], Width = 8 }.FromScratch(normalization);

    private static ResNetOptions Bottleneck(ResNetStyle dialect, Normalization normalization) =>
        new ResNetOptions { Layers = [2, 1, 1, 1], Width = 8, Style = dialect }.FromScratch(normalization);

    private static ResNetOptions Deformable(ResNetOptions shape) => shape.FromScratch() with { Layers = [1, 2, 1, 1], Width = 8, DeformableStages = [2, 3, 4] };

    private static DetectorModel Make(DetectorOptions options, ResNetOptions backbone, int width, int height)
    {
        options = options with
        {
            Backbone = backbone,
            Pyramid = options.Pyramid with { Channels = 16 },
            Head = options.Head with { Convolutions = 2, Groups = 8 },
            Selector = options.Selector is { Groups: > 0 } selector ? selector with { Groups = 4 } : options.Selector,
        };
        var random = new Random(17);
        return Model(options, width, height, new(Start(options).Tensors.Select(weight => Shaken(weight, random))));
    }

    private static DetectorModel Torchvision(string name, int classes, ResNetOptions backbone, PyramidOptions pyramid)
    {
        var options = DetectorOptions.TorchvisionFcos(classes) with { Backbone = backbone, Pyramid = pyramid, Selector = new() };
        using var network = options.Build(seed: 5);
        NetworkWeights.Load(
            network, WeightFile.Read(Path.Combine(AppContext.BaseDirectory, "Oracles", name, "weights.safetensors")),
            optional: weight => weight.StartsWith("pss.", StringComparison.Ordinal));
        var random = new Random(18);
        return Model(options, Width, Height, new(NetworkWeights.Save(network).Tensors.Select(
            weight => weight.Name.StartsWith("pss.", StringComparison.Ordinal) ? Shaken(weight, random) : weight)));
    }

    private static WeightFile Start(DetectorOptions options)
    {
        using var network = options.Build(seed: 5);
        return NetworkWeights.Save(network);
    }

    private static DetectorModel Model(DetectorOptions options, int width, int height, WeightFile weights) =>
        new(options, [.. Enumerable.Range(0, options.Classes).Select(i => $"klass {i} ä")], Resize.Letterbox(width, height), weights);

    private static NamedTensor Shaken(NamedTensor weight, Random random)
    {
        if (weight.Dtype != WeightDtype.Float32)
            return weight;
        var values = weight.ToSingles();
        var part = weight.Name[(weight.Name.LastIndexOf('.') + 1)..];
        Func<float, float> shake = part switch
        {
            "running_var" => _ => 0.5f + random.NextSingle(),
            "running_mean" => _ => random.NextSingle() - 0.5f,
            "scales" => _ => 0.7f + random.NextSingle(),
            "bias" => value => 0.4f * value + random.NextSingle() - 0.5f,
            _ when weight.Name.Contains(".norm.", StringComparison.Ordinal) => _ => 0.5f + random.NextSingle(),
            // Those of deformable convolutions start at zero.
            _ when weight.Name.Contains(".offsets.", StringComparison.Ordinal) => _ => 0.4f * (random.NextSingle() - 0.5f),
            // Predictors start near zero.
            _ when !weight.Name.Contains("tower", StringComparison.Ordinal) && !weight.Name.StartsWith("backbone", StringComparison.Ordinal)
                && !weight.Name.StartsWith("pyramid", StringComparison.Ordinal) => value => 15 * value,
            _ => value => value,
        };
        return NamedTensor.FromSingles(weight.Name, weight.Shape, Array.ConvertAll(values, value => shake(value)));
    }
}
