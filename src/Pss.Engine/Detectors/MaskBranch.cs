using Pss.Engine.Layers;
using Pss.Engine.Onnx.Graphs;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Pss.Engine.Detectors;

/// <summary>
/// CondInst's mask branch: P3, P4 and P5 summed at the size of P3, then convolutions to the 8 features that all masks of an image share; in training
/// a semantic branch may read P3 too.
/// </summary>
internal sealed class MaskBranch : Module<Tensor[], Tensor>
{
    private const int SemanticConvolutions = 2;

    // Lower-case: the names of fields are the names in the state dictionary.
    private readonly ConvNorm refine3;
    private readonly ConvNorm refine4;
    private readonly ConvNorm refine5;
    private readonly Sequential tower;
    private readonly SquareConvolution output;
    private readonly Sequential? semantic_tower;
    private readonly SquareConvolution? semantic_logits;

    /// <summary>Draws starting weights: Kaiming uniform by fan-in for the 3x3 convolutions, PyTorch's own for the last ones.</summary>
    /// <param name="options">The detector's options.</param>
    /// <param name="generator">Draws the weights.</param>
    public MaskBranch(CondInstOptions options, Generator generator)
        : base(nameof(MaskBranch))
    {
        var (input, channels) = (options.Pyramid.Channels, options.MaskChannels ?? Math.Max(1, options.Pyramid.Channels / 2));
        (refine3, refine4, refine5) = (Block(input), Block(input), Block(input));
        tower = Sequential(Enumerable.Range(0, options.MaskConvolutions).Select(Module<Tensor, Tensor> (_) => Block(channels)));
        output = Last(DynamicMaskHead.Features);
        if (options.SemanticBranch)
        {
            semantic_tower = Sequential(Enumerable.Range(0, SemanticConvolutions).Select(Module<Tensor, Tensor> (i) => Block(i == 0 ? input : channels)));
            semantic_logits = Last(options.Classes);
            semantic_logits.Bias!.SetTo(-Math.Log(99));
        }
        RegisterComponents();

        ConvNorm Block(int from) => new(from, channels, generator);

        SquareConvolution Last(int outputs)
        {
            var conv = new SquareConvolution(channels, outputs, 1);
            Initializer.UniformFanIn(conv, generator);
            return conv;
        }
    }

    /// <summary>Pyramid levels, [N, channels, H, W] each, finest first, to features of P3's size, [N, 8, H, W].</summary>
    public override Tensor forward(Tensor[] levels)
    {
        using var scope = NewDisposeScope();
        var sum = refine3.call(levels[0]);
        var (height, width) = (sum.shape[2], sum.shape[3]);
        sum = sum.Plus(LinearResampling.Upsample(refine4.call(levels[1]), 2, height, width));
        sum = sum.Plus(LinearResampling.Upsample(refine5.call(levels[2]), 4, height, width));
        return output.call(tower.call(sum)).MoveToOuterDisposeScope();
    }

    /// <summary>The class logits of every pixel of P3, [N, H * W, C]; null without a semantic branch.</summary>
    public Tensor? SemanticLogits(Tensor[] levels) =>
        semantic_tower is null ? null : HeadOutputs.Flatten([semantic_logits!.call(semantic_tower.call(levels[0]))]);

    /// <summary><see cref="forward"/> as operators, without the semantic branch.</summary>
    public OnnxValue Export(ModuleGraph graph, OnnxValue[] levels)
    {
        var operators = graph.Operators;
        var sum = graph.Export(refine3, levels[0]);
        var shape = operators.Shape(sum);
        var (height, width) = (operators.Slice(shape, 2, 3, 0), operators.Slice(shape, 3, 4, 0));
        foreach (var (refine, level, factor) in (ReadOnlySpan<(ConvNorm, int, int)>)[(refine4, 1, 2), (refine5, 2, 4)])
            sum = operators.Add(sum, LinearResampling.ExportUpsample(operators, graph.Export(refine, levels[level]), factor, height, width, graph.Type));
        return output.Export(graph, graph.Export(tower, sum));
    }
}
