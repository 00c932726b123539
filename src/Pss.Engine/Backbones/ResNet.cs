using Pss.Engine.Layers;
using Pss.Engine.Onnx.Graphs;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Pss.Engine.Backbones;

/// <summary>ResNet, ResNeXt or Res2Net without the classifier: images [N, 3, H, W] to C3, C4, C5.</summary>
internal sealed class ResNet : Module<Tensor, BackboneFeatures<Tensor>>
{
    // Lower-case: the names of fields are the names in the state dictionary.
    private readonly Module<Tensor, Tensor> stem;
    private readonly Sequential stage1;
    private readonly Sequential stage2;
    private readonly Sequential stage3;
    private readonly Sequential stage4;

    /// <summary>Draws starting weights: Kaiming fan-out, residual branches at zero where the options say so.</summary>
    /// <param name="options">The shape.</param>
    /// <param name="generator">Draws the weights.</param>
    /// <param name="stemChannels">Channels of the stem; 0 for the options' width.</param>
    public ResNet(ResNetOptions options, Generator generator, int stemChannels = 0)
        : base(nameof(ResNet))
    {
        var width = stemChannels == 0 ? options.Width : stemChannels;
        stem = options.Scales == 1
            ? OfStem(3, width, 7, 2)
            : Sequential(OfStem(3, width / 2, 3, 2), OfStem(width / 2, width / 2, 3, 1), OfStem(width / 2, width, 3, 1));
        stage1 = Stage(1, width);
        stage2 = Stage(2, options.ChannelsOf(1));
        stage3 = Stage(3, options.ChannelsOf(2));
        stage4 = Stage(4, options.ChannelsOf(3));
        RegisterComponents();

        Module[] parts = [stem, stage1, stage2, stage3, stage4];
        int frozenParts = options.FrozenStages == 0 ? 0 : options.FrozenStages + 1;
        foreach (var parameter in parts.Take(frozenParts).SelectMany(part => part.parameters()))
            parameter.requires_grad = false;

        ConvNorm OfStem(int from, int to, int kernel, int stride) => new(from, to, kernel, stride, NormalizationOf(0), relu: true, generator);

        Sequential Stage(int stage, int input) => Sequential(Enumerable.Range(0, options.Layers[stage - 1]).Select(Module<Tensor, Tensor> (index) =>
            ResidualBlock.Create(options, NormalizationOf(stage), stage, index == 0, index == 0 ? input : options.ChannelsOf(stage), generator)));

        // A frozen stage's statistics stay as they are too.
        Normalization NormalizationOf(int stage)
        {
            bool frozen = options.FrozenStages > 0 && stage <= options.FrozenStages;
            return frozen && options.Normalization == Normalization.BatchNorm ? Normalization.FrozenBatchNorm : options.Normalization;
        }
    }

    /// <inheritdoc/>
    public override BackboneFeatures<Tensor> forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = functional.max_pool2d(stem.call(input), 3, stride: 2, padding: 1);
        var c3 = stage2.call(stage1.call(x));
        var c4 = stage3.call(c3);
        var c5 = stage4.call(c4);
        return new(c3.MoveToOuterDisposeScope(), c4.MoveToOuterDisposeScope(), c5.MoveToOuterDisposeScope());
    }

    /// <summary><see cref="forward"/> as operators.</summary>
    public BackboneFeatures<OnnxValue> Export(ModuleGraph graph, OnnxValue input)
    {
        var x = graph.Operators.MaxPool(graph.Export(stem, input), 3, stride: 2, padding: 1);
        var c3 = graph.Export(stage2, graph.Export(stage1, x));
        var c4 = graph.Export(stage3, c3);
        return new(c3, c4, graph.Export(stage4, c4));
    }
}
