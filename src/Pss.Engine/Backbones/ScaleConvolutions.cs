using Pss.Engine.Layers;
using Pss.Engine.Onnx.Graphs;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Pss.Engine.Backbones;

/// <summary>
/// The middle of Res2Net's bottleneck: the channels are split, each split but the last is convolved together with the result of the one before it.
/// In a stage's first block the splits stay apart.
/// </summary>
internal sealed class ScaleConvolutions : Module<Tensor, Tensor>, IExportable
{
    // Lower-case: the names of fields are the names in the state dictionary.
    private readonly ModuleList<ConvNorm> layers;
    private readonly AveragePool? pool;
    private readonly bool _first;

    /// <summary>The convolutions of all splits but the last.</summary>
    /// <param name="layers">The convolutions, with equal channels.</param>
    /// <param name="first">Whether this is a stage's first block.</param>
    /// <param name="stride">Step of the convolutions.</param>
    public ScaleConvolutions(ConvNorm[] layers, bool first, long stride)
        : base(nameof(ScaleConvolutions))
    {
        this.layers = new(layers);
        pool = stride == 1 ? null : new AveragePool(3, stride, padding: 1);
        _first = first;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var splits = input.chunk(layers.Count + 1, 1);
        var outputs = new Tensor[splits.Length];
        for (var i = 0; i < layers.Count; i++)
            outputs[i] = layers[i].call(_first || i == 0 ? splits[i] : splits[i].Plus(outputs[i - 1]));
        outputs[^1] = pool is null ? splits[^1] : pool.call(splits[^1]);
        return cat(outputs, 1).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue Export(ModuleGraph graph, OnnxValue input)
    {
        var operators = graph.Operators;
        var splits = operators.Split(input, layers.Count + 1, 1);
        var outputs = new OnnxValue[splits.Length];
        for (var i = 0; i < layers.Count; i++)
            outputs[i] = layers[i].Export(graph, _first || i == 0 ? splits[i] : operators.Add(splits[i], outputs[i - 1]));
        outputs[^1] = pool is null ? splits[^1] : pool.Export(graph, splits[^1]);
        return operators.Concat(1, outputs);
    }
}
