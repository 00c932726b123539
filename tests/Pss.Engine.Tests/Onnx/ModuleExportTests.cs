using Microsoft.ML.OnnxRuntime;
using Pss.Engine.Backbones;
using Pss.Engine.Detectors;
using Pss.Engine.Layers;
using Pss.Engine.Onnx.Graphs;
using Pss.Engine.Tests.Detectors;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Onnx;

/// <summary>Every module of every kind of network computes in ONNX Runtime what its forward computes.</summary>
public sealed class ModuleExportTests
{
    private readonly HashSet<Type> _seen = [];
    private readonly HashSet<string> _checked = [];

    [Fact]
    public void Every_module_equals_its_export()
    {
        foreach (var options in Networks())
        {
            using var scope = NewDisposeScope();
            using var network = options.Build(seed: 4);
            Disturb(network);
            // In training, so that batch normalizations have statistics.
            network.call(SmallDetectors.Images(2));
            network.eval();
            foreach (var module in network.named_modules().Select(pair => pair.module).OfType<nn.Module<Tensor, Tensor>>().Where(module => module is IExportable && IsNew(module)))
                CheckLayer(module);
            CheckNetwork(network);
            network.FoldBatchNorm();
            CheckNetwork(network);
        }
        // A module that is new and has no export, or is in none of the networks, is found here.
        var modules = typeof(DenseDetector).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(nn.Module)) && !type.IsAbstract);
        Assert.Empty(modules.Where(type => !_seen.Contains(type)).Select(type => type.Name));
    }

    private static IEnumerable<DetectorOptions> Networks()
    {
        yield return SmallDetectors.FcosPss;
        yield return SmallDetectors.Small(DetectorOptions.AtssPss(3)) with
        {
            Backbone = new() { Layers = [1, 1, 1, 1], Width = 8, FrozenStages = 0, Style = ResNetStyle.Caffe },
            Selector = new() { Groups = 0, Input = SelectorInput.Classification },
        };
        yield return SmallDetectors.Small(DetectorOptions.GfocalV2Pss(3));
        yield return SmallDetectors.Small(DetectorOptions.VfnetPss(3));
        yield return SmallDetectors.Small(DetectorOptions.Defcn(3));
        yield return (CondInstOptions)SmallDetectors.Small(DetectorOptions.CondInstPss(3)) with { MaskChannels = 8, MaskConvolutions = 1 };
        yield return SmallDetectors.FcosPss with
        {
            Backbone = SmallDetectors.Backbone with { Normalization = Normalization.GroupNorm },
            Pyramid = new() { Channels = 16, P6Source = P6Source.C5 },
            Head = new() { Convolutions = 1, Groups = 8, LevelScales = false, ConvolutionBias = true },
        };
        yield return SmallDetectors.FcosPss with
        {
            Head = SmallDetectors.FcosPss.Head with { Centerness = false },
            Selector = new() { HiddenConvolutions = 0, Groups = 8 },
        };
        ResNetOptions[] further = [ResNetOptions.ResNeXt101 with { Groups = 4, WidthPerGroup = 16 }, ResNetOptions.Res2Net101 with { WidthPerGroup = 32 }];
        foreach (var backbone in further)
            yield return SmallDetectors.FcosPss with
            {
                Head = SmallDetectors.FcosPss.Head with { DeformableLast = true },
                Backbone = backbone.FromScratch() with { Layers = [1, 2, 1, 1], Width = 8, DeformableStages = [2, 4] },
            };
    }

    /// <summary>Weights that start at zero or one would hide a mistake.</summary>
    private static void Disturb(nn.Module network)
    {
        using var _ = no_grad();
        using var generator = new Generator(5);
        foreach (var (_, value) in network.state_dict().Where(pair => pair.Value.is_floating_point() && !pair.Key.EndsWith("running_var", StringComparison.Ordinal)))
            value.add_(randn(value.shape, generator: generator) * 0.05);
    }

    private void CheckLayer(nn.Module<Tensor, Tensor> module)
    {
        using var scope = NewDisposeScope();
        _seen.Add(module.GetType());
        using var generator = new Generator(6);
        var input = randn([2, InputsOf(module), 9, 13], generator: generator);
        var graph = new OnnxGraph("layer");
        var value = graph.Input("x", OnnxType.Float32, [.. input.shape.Select(size => (OnnxDimension)size)]);
        graph.Output(((IExportable)module).Export(new(graph, OnnxType.Float32, module), value), "y", OnnxType.Float32, "n", "c", "h", "w");
        Close(module.call(input), Run(graph, input)[0], module.GetType().Name);
    }

    /// <summary>Blocks differ in more than shapes; of other modules, those of equal shapes are alike.</summary>
    private bool IsNew(nn.Module module) => _checked.Add(
        $"{module.GetType().Name} {string.Join("; ", module.state_dict().Values.Select(value => string.Join(",", value.shape)))}") || module is ResidualBlock;

    private static long InputsOf(nn.Module module) => module switch
    {
        SquareConvolution convolution => convolution.Inputs,
        ScaleConvolutions => 4 * module.modules().OfType<SquareConvolution>().First().Inputs,
        AveragePool => 4,
        _ when module.modules().OfType<SquareConvolution>().FirstOrDefault() is { } first => first.Inputs,
        _ => module.state_dict()["weight"].shape[0],
    };

    private void CheckNetwork(DenseDetector network)
    {
        using var scope = NewDisposeScope();
        _seen.UnionWith(network.modules().Append(network).Select(module => module.GetType()));
        var input = SmallDetectors.Images(1);
        var graph = new OnnxGraph("network");
        var value = graph.Input("x", OnnxType.Float32, 1, 3, 128, 128);
        var exported = network.Export(new(graph, OnnxType.Float32, network), value, withSelector: true);
        graph.Output(exported.ClassLogits, "classes", OnnxType.Float32, 1, "l", "c");
        graph.Output(exported.Boxes, "boxes", OnnxType.Float32, 1, "l", 4);
        if (exported.QualityLogits != OnnxValue.None)
            graph.Output(exported.QualityLogits, "quality", OnnxType.Float32, 1, "l");
        if (exported.SelectorLogits != OnnxValue.None)
            graph.Output(exported.SelectorLogits, "selector", OnnxType.Float32, 1, "l");
        var outputs = network.call(input);
        List<Tensor> expected = [outputs.ClassLogits, outputs.Boxes, .. ((Tensor?[])[outputs.QualityLogits, outputs.SelectorLogits]).OfType<Tensor>()];
        if (outputs.MaskParameters is not null)
        {
            graph.Output(exported.MaskParameters, "parameters", OnnxType.Float32, 1, "l", 169);
            graph.Output(exported.MaskFeatures, "features", OnnxType.Float32, 1, 8, "h", "w");
            expected.AddRange([outputs.MaskParameters, outputs.MaskFeatures!]);
        }
        var found = Run(graph, input);
        Assert.Equal(expected.Count, found.Length);
        foreach (var (one, other) in expected.Zip(found))
            Close(one, other, network.Options.Kind);
    }

    private static float[][] Run(OnnxGraph graph, Tensor input)
    {
        using var session = OrtSessions.Open(graph.ToArray());
        var values = new Microsoft.ML.OnnxRuntime.Tensors.DenseTensor<float>(input.data<float>().ToArray(), [.. input.shape.Select(size => (int)size)]);
        using var results = session.Run([NamedOnnxValue.CreateFromTensor("x", values)]);
        return [.. results.Select(result => result.AsEnumerable<float>().ToArray())];
    }

    private static void Close(Tensor expected, float[] found, string name)
    {
        var values = expected.contiguous().data<float>().ToArray();
        Assert.Equal(values.Length, found.Length);
        var size = Math.Max(1, values.Max(Math.Abs));
        var worst = values.Zip(found).Max(pair => Math.Abs(pair.First - pair.Second));
        Assert.True(worst <= 2e-5 * size, $"{name}: {worst} at values up to {size}");
    }
}
