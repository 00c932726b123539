using Pss.Engine.Layers;
using Pss.Engine.Onnx.Graphs;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Pss.Engine.Backbones;

/// <summary>ReLU(branch(x) + shortcut(x)): the branch is what distinguishes ResNet, ResNeXt and Res2Net.</summary>
internal sealed class ResidualBlock : Module<Tensor, Tensor>, IExportable
{
    // Lower-case: the names of fields are the names in the state dictionary.
    private readonly Sequential branch;
    private readonly Module<Tensor, Tensor>? shortcut;

    /// <summary>A block of the given branch.</summary>
    /// <param name="branch">The layers, the last without activation.</param>
    /// <param name="shortcut">What brings the input to the branch's output shape; null for the input itself.</param>
    public ResidualBlock(Module<Tensor, Tensor>[] branch, Module<Tensor, Tensor>? shortcut)
        : base(nameof(ResidualBlock))
    {
        (this.branch, this.shortcut) = (Sequential(branch), shortcut);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var residual = branch.call(input);
        return residual.AddInPlace(shortcut is null ? input : shortcut.call(input)).relu_().MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue Export(ModuleGraph graph, OnnxValue input) => graph.Operators.Relu(
        graph.Operators.Add(graph.Export(branch, input), shortcut is null ? graph.Quantized(input) : graph.Export(shortcut, input)));

    /// <summary>The one place that knows the kinds of blocks.</summary>
    /// <param name="options">The backbone's shape.</param>
    /// <param name="normalization">Its normalization, in this stage.</param>
    /// <param name="stage">1 to 4.</param>
    /// <param name="first">Whether it is the stage's first block.</param>
    /// <param name="input">Channels that come in.</param>
    /// <param name="generator">Draws the weights.</param>
    internal static ResidualBlock Create(ResNetOptions options, Normalization normalization, int stage, bool first, int input, Generator generator)
    {
        var (inner, output, stride) = (options.InnerChannelsOf(stage), options.ChannelsOf(stage), first && stage > 1 ? 2 : 1);
        var deformable = options.DeformableStages.Contains(stage);
        // Weights are drawn in the order of the layers: the same seed gives the same network in every version.
        Module<Tensor, Tensor>[] branch;
        if (options.Block == ResNetBlock.Basic)
        {
            branch = [Layer(input, inner, 3, stride, true), Layer(inner, output, 3, 1, false)];
        }
        else if (options.Scales > 1)
        {
            branch = [Layer(input, inner * options.Scales, 1, 1, true), Splits(), Layer(inner * options.Scales, output, 1, 1, false)];
        }
        else
        {
            (int ofFirst, int ofMiddle) = options.Style == ResNetStyle.PyTorch ? (1, stride) : (stride, 1);
            branch = [Layer(input, inner, 1, ofFirst, true), Layer(inner, inner, 3, ofMiddle, true), Layer(inner, output, 1, 1, false)];
        }

        if (options.ZeroInitResidual)
            ((ConvNorm)branch[^1]).ZeroNormWeight();
        return new ResidualBlock(branch, stride == 1 && input == output ? null : Shortcut());

        ScaleConvolutions Splits() =>
            new([.. Enumerable.Range(1, options.Scales - 1).Select(_ => Layer(inner, inner, 3, stride, true))], first, stride);

        Module<Tensor, Tensor> Shortcut() => options.Scales == 1
            ? Layer(input, output, 1, stride, false)
            : Sequential(new AveragePool(stride, stride, padding: 0), Layer(input, output, 1, 1, false));

        ConvNorm Layer(int from, int to, int kernel, int step, bool relu) =>
            new(from, to, kernel, step, normalization, relu, generator, kernel == 3 ? options.Groups : 1, kernel == 3 && deformable);
    }
}
