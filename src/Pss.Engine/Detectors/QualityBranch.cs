using Pss.Engine.Layers;
using Pss.Engine.Onnx.Graphs;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Pss.Engine.Detectors;

/// <summary>
/// GFocalV2's distribution-guided quality predictor (Li et al., "Generalized Focal Loss V2", section 3.2): how peaked the four distributions of a
/// location's distances are tells how good its box is.
/// </summary>
internal sealed class QualityBranch : Module<Tensor, Tensor>
{
    /// <summary>The largest probabilities of a distribution that it reads, beside their mean.</summary>
    private const int Peaks = 4;

    private const int Statistics = 4 * (Peaks + 1);

    // Lower-case: the names of fields are the names in the state dictionary.
    private readonly SquareConvolution hidden;
    private readonly SquareConvolution logit;

    /// <summary>Draws starting weights: N(0, 0.01), biases 0.</summary>
    /// <param name="channels">Hidden channels.</param>
    /// <param name="generator">Draws the weights.</param>
    public QualityBranch(int channels, Generator generator)
        : base(nameof(QualityBranch))
    {
        (hidden, logit) = (new(Statistics, channels, 1), new(channels, 1, 1));
        Initializer.Head(hidden, generator);
        Initializer.Head(logit, generator);
        RegisterComponents();
    }

    /// <summary>Probabilities of the bins, [N, L, 4, bins], to quality logits, [N, L].</summary>
    public override Tensor forward(Tensor probabilities)
    {
        using var scope = NewDisposeScope();
        var (peaks, _) = probabilities.topk(Peaks, -1);
        var statistics = cat([peaks, peaks.mean([-1], keepdim: true)], -1).flatten(2);
        // A 1x1 convolution takes locations as pixels.
        var pixels = statistics.transpose(1, 2).unsqueeze(-1);
        return logit.call(hidden.call(pixels).relu()).squeeze(-1).squeeze(1).MoveToOuterDisposeScope();
    }

    /// <summary><see cref="forward"/> as operators.</summary>
    public OnnxValue Export(ModuleGraph graph, OnnxValue probabilities)
    {
        var operators = graph.Operators;
        var (peaks, _) = operators.TopK(probabilities, Peaks, 3);
        var mean = operators.Node("ReduceMean", [peaks], ("axes", new[] { 3L }), ("keepdims", 1L));
        var statistics = operators.Reshape(operators.Concat(3, peaks, mean), 0, 0, Statistics);
        var pixels = operators.Unsqueeze(operators.Transpose(statistics, 0, 2, 1), 3);
        return operators.Squeeze(logit.Export(graph, operators.Relu(hidden.Export(graph, pixels))), 1, 3);
    }
}
