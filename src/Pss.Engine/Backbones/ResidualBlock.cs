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
        graph.Operators.Add(graph.Export(branch, input), shortcut is null ? input : graph.Export(shortcut, input)));

    /// <summary>
    /// The one place that knows the kinds of blocks: grouped, split and deformable convolutions come in here as further branches.
    /// </summary>
    /// <param name="options">The backbone's shape.</param>
    /// <param name="normalization">Its normalization, in this stage.</param>
    /// <param name="input">Channels that come in.</param>
    /// <param name="planes">Channels of the inner convolutions.</param>
    /// <param name="stride">1, or 2 for the first block of stages 2 to 4.</param>
    /// <param name="generator">Draws the weights.</param>
    internal static ResidualBlock Create(
        ResNetOptions options, Normalization normalization, int input, int planes, int stride, Generator generator)
    {
        int output = planes * options.Expansion;
        ConvNorm[] branch;
        if (options.Block == ResNetBlock.Basic)
        {
            branch = [Layer(input, planes, 3, stride, true), Layer(planes, output, 3, 1, false)];
        }
        else
        {
            (int first, int middle) = options.Style == ResNetStyle.Caffe ? (stride, 1) : (1, stride);
            branch = [Layer(input, planes, 1, first, true), Layer(planes, planes, 3, middle, true), Layer(planes, output, 1, 1, false)];
        }

        if (options.ZeroInitResidual)
            branch[^1].ZeroNormWeight();
        return new ResidualBlock(branch, stride == 1 && input == output ? null : Layer(input, output, 1, stride, false));

        ConvNorm Layer(int from, int to, int kernel, int step, bool relu) => new(from, to, kernel, step, normalization, relu, generator);
    }
}
