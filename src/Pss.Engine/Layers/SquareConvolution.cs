using Pss.Engine.Onnx.Graphs;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Pss.Engine.Layers;

/// <summary>
/// A square convolution that keeps the size, up to its stride; all zero until it is drawn. TorchSharp's own keeps the native half of its
/// module, 0.7 KB, after it is disposed of, and leaves a view of its weight, and with it the weight's memory, to the finalizer.
/// </summary>
internal class SquareConvolution : Module<Tensor, Tensor>, IExportable
{
    // Lower-case: the names of fields are the names in the state dictionary. Not readonly: moving the module replaces them, which finds no private
    // fields of a base class.
    private protected Parameter weight;
    private protected Parameter? bias;
    private readonly long[] _stride;
    private readonly long[] _padding;

    // Null where training computes directly.
    private BackwardFailure? _winogradFailure;

    // Null where inference computes directly.
    private WinogradWeight? _winogradWeight;

    /// <summary>A convolution of zeros.</summary>
    /// <param name="input">Channels of the input.</param>
    /// <param name="output">Channels of the output.</param>
    /// <param name="kernel">Side of the kernel, odd.</param>
    /// <param name="stride">Step in both directions.</param>
    /// <param name="hasBias">Whether there is a bias.</param>
    /// <param name="groups">Groups of channels, each convolved by itself; a divisor of both numbers of channels.</param>
    public SquareConvolution(long input, long output, long kernel, long stride = 1, bool hasBias = true, long groups = 1)
        : base(nameof(SquareConvolution))
    {
        (_stride, _padding, Groups) = ([stride, stride], [kernel / 2, kernel / 2], groups);
        weight = ModuleParameter.Create(zeros(output, input / groups, kernel, kernel));
        bias = hasBias ? ModuleParameter.Create(zeros(output)) : null;
        RegisterComponents();
    }

    /// <summary>[output, input / groups, kernel, kernel].</summary>
    public Tensor Weight => weight;

    /// <summary>[output], or null.</summary>
    public Tensor? Bias => bias;

    /// <summary>Channels of the input.</summary>
    public long Inputs => weight.shape[1] * Groups;

    /// <summary>Channels of the output.</summary>
    public long Outputs => weight.shape[0];

    /// <summary>Step in both directions.</summary>
    public long Stride => _stride[0];

    /// <summary>Zeros around the input.</summary>
    public long Padding => _padding[0];

    /// <summary>Groups of channels.</summary>
    public long Groups { get; }

    /// <summary>Whether every output sees all channels at the places of a regular grid, which faster algorithms rely on.</summary>
    internal virtual bool IsOrdinary => Groups == 1;

    /// <summary>The convolution in the number format of the input: a float32 weight is rounded to it, and its gradient is float32.</summary>
    public override Tensor forward(Tensor input) => CallWith(input, weight, bias);

    /// <summary>The convolution followed by a factor and a summand of each output channel, in one: no map is kept between the two for the backward pass.</summary>
    /// <param name="input">[N, input, H, W].</param>
    /// <param name="scale">[output].</param>
    /// <param name="shift">[output].</param>
    public Tensor CallScaled(Tensor input, Tensor scale, Tensor shift)
    {
        using var scope = NewDisposeScope();
        return CallWith(input, weight * scale.view(-1, 1, 1, 1), bias is null ? shift : shift.Plus(bias * scale)).MoveToOuterDisposeScope();
    }

    /// <summary>The convolution by kernels and a summand in place of its own.</summary>
    private protected virtual Tensor CallWith(Tensor input, Tensor kernels, Tensor? summand)
    {
        if (kernels.dtype == input.dtype)
            return Convolve(input, kernels, summand);
        using var scope = NewDisposeScope();
        // On maps of width 1, libtorch's gradient of the weight of a strided convolution is garbage in BFloat16.
        var output = input.shape[^1] == 1
            ? Convolve(input.to(kernels.dtype), kernels, summand).to(input.dtype)
            : Convolve(input, kernels.to(input.dtype), summand?.to(input.dtype));
        return output.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public virtual OnnxValue Export(ModuleGraph graph, OnnxValue input) =>
        graph.Operators.Conv(input, graph.Weight(this, nameof(weight), weight), ExportBias(graph), weight.shape[2], Stride, Padding, Groups);

    private Tensor Convolve(Tensor input, Tensor kernels, Tensor? summand)
    {
        if (_winogradWeight is not null && !training && _winogradWeight.Suits(input))
            return _winogradWeight.Convolve(input, summand);
        if (_winogradFailure is not null && training && is_grad_enabled() && WinogradFunction.Suits(input, kernels))
            return WinogradFunction.Call(input, kernels, summand, _winogradFailure);
        if (!IsUnsafe)
            return functional.conv2d(input, kernels, summand, _stride, _padding, groups: Groups);
        using var scope = NewDisposeScope();
        var seen = input.slice(2, 0, input.shape[2], Stride).slice(3, 0, input.shape[3], Stride);
        return functional.conv2d(seen, kernels, summand, [1, 1], _padding, groups: Groups).MoveToOuterDisposeScope();
    }

    // The backward pass of libtorch 2.10 writes outside its memory for strided 1x1 convolutions of few channels on channels-last maps 64 wide.
    private bool IsUnsafe => weight.shape[2] == 1 && Stride > 1 && Inputs < 16;

    /// <summary>The bias in a graph, if there is one.</summary>
    internal OnnxValue ExportBias(ModuleGraph graph) => bias is null ? OnnxValue.None : graph.Weight(this, nameof(bias), bias);

    /// <summary>Stores the kernels with the channels innermost: otherwise every call on such maps reorders them, and every step their gradient.</summary>
    internal void UseChannelsLast()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        weight.set_(weight.ToChannelsLast());
    }

    /// <summary>Lets inference compute it by minimal filtering where that is faster; the weight is final by now.</summary>
    internal void UseWinograd()
    {
        if (!MayUseWinograd || !WinogradWeight.Suits(Outputs, Inputs))
            return;
        _winogradWeight?.Dispose();
        _winogradWeight = new(weight);
    }

    /// <summary>Lets training compute it by minimal filtering where that is faster.</summary>
    /// <param name="failure">Takes what goes wrong in the backward pass.</param>
    internal void UseWinogradInTraining(BackwardFailure failure)
    {
        if (MayUseWinograd)
            _winogradFailure = failure;
    }

    private bool MayUseWinograd => IsOrdinary && weight.shape[2] == 3 && Stride == 1;

    /// <summary>Gives a convolution without a bias one that is not trained.</summary>
    internal void AddBias(Tensor values)
    {
        bias = ModuleParameter.Create(values, trained: false);
        register_parameter(nameof(bias), bias);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _winogradWeight?.Dispose();
        base.Dispose(disposing);
    }
}
