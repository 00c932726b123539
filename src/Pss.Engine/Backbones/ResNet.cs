using Pss.Engine.Layers;
using Pss.Engine.Onnx.Graphs;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Pss.Engine.Backbones;

/// <summary>ResNet without its classifier: images [N, 3, H, W] to C3, C4, C5.</summary>
internal sealed class ResNet : Module<Tensor, BackboneFeatures<Tensor>>
{
    // Lower-case: the names of fields are the names in the state dictionary.
    private readonly ConvNorm stem;
    private readonly Sequential stage1;
    private readonly Sequential stage2;
    private readonly Sequential stage3;
    private readonly Sequential stage4;

    /// <summary>Draws starting weights: Kaiming fan-out, residual branches at zero where the options say so.</summary>
    /// <param name="options">The shape.</param>
    /// <param name="generator">Draws the weights.</param>
    public ResNet(ResNetOptions options, Generator generator)
        : base(nameof(ResNet))
    {
        stem = new ConvNorm(3, options.Width, 7, 2, NormalizationOf(0), relu: true, generator);
        stage1 = Stage(1, options.Width);
        stage2 = Stage(2, options.ChannelsOf(1));
        stage3 = Stage(3, options.ChannelsOf(2));
        stage4 = Stage(4, options.ChannelsOf(3));
        RegisterComponents();

        Module[] parts = [stem, stage1, stage2, stage3, stage4];
        int frozenParts = options.FrozenStages == 0 ? 0 : options.FrozenStages + 1;
        foreach (var parameter in parts.Take(frozenParts).SelectMany(part => part.parameters()))
            parameter.requires_grad = false;

        Sequential Stage(int stage, int input)
        {
            int planes = options.Width << (stage - 1);
            return Sequential(Enumerable.Range(0, options.Layers[stage - 1]).Select(Block));

            Module<Tensor, Tensor> Block(int index)
            {
                (int channels, int stride) = index == 0 ? (input, stage == 1 ? 1 : 2) : (options.ChannelsOf(stage), 1);
                return ResidualBlock.Create(options, NormalizationOf(stage), channels, planes, stride, generator);
            }
        }

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
        var x = graph.Operators.MaxPool(stem.Export(graph, input), 3, stride: 2, padding: 1);
        var c3 = graph.Export(stage2, graph.Export(stage1, x));
        var c4 = graph.Export(stage3, c3);
        return new(c3, c4, graph.Export(stage4, c4));
    }
}
