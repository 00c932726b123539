using Pss.Engine.Onnx.Graphs;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Pss.Engine.Layers;

/// <summary>
/// Group normalization with trained scale and shift. TorchSharp's own starts from memory that nobody wrote to and keeps its native half after it is
/// disposed of.
/// </summary>
internal sealed class GroupNorm : Module<Tensor, Tensor>, IExportable
{
    // Lower-case: the names of fields are the names in the state dictionary. Not readonly: moving the module replaces them.
    private Parameter weight;
    private Parameter bias;
    private const double Epsilon = 1e-5;
    private readonly long _groups;

    // Null where libtorch computes the gradient.
    private BackwardFailure? _failure;

    /// <summary>Scale 1, shift 0.</summary>
    /// <param name="groups">Groups that channels are normalized in; a divisor of the channels.</param>
    /// <param name="channels">Channels of the input.</param>
    public GroupNorm(long groups, long channels)
        : base(nameof(GroupNorm))
    {
        _groups = groups;
        (weight, bias) = (ModuleParameter.Create(ones(channels)), ModuleParameter.Create(zeros(channels)));
        RegisterComponents();
    }

    /// <summary>The scale, [channels].</summary>
    public Tensor Weight => weight;

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        if (_failure is not null && is_grad_enabled() && (input.requires_grad || weight.requires_grad) && GroupNormFunction.Suits(input, _groups))
            return GroupNormFunction.Normalize(input, weight, bias, _groups, Epsilon, _failure);
        if (weight.dtype == input.dtype)
            return functional.group_norm(input, _groups, weight, bias, Epsilon);
        using var scope = NewDisposeScope();
        // Only the CPU's kernel takes a 16-bit input with float32 weights; its backward pass is more than ten times as fast with the channels outermost.
        var x = input.device.type == DeviceType.CPU ? input.contiguous() : input.to(weight.dtype);
        var y = functional.group_norm(x, _groups, weight, bias, Epsilon).to(input.dtype);
        return (input.is_contiguous() ? y : y.ToChannelsLast()).MoveToOuterDisposeScope();
    }

    /// <summary>Lets training compute the gradient in our own way where that is faster: on channels-last maps.</summary>
    /// <param name="failure">Takes what goes wrong in the backward pass.</param>
    internal void UseChannelsLast(BackwardFailure failure) => _failure = failure;

    /// <inheritdoc/>
    public OnnxValue Export(ModuleGraph graph, OnnxValue input)
    {
        var channels = weight.shape[0];
        var (scale, shift) = (graph.Weight(this, nameof(weight), weight, channels, 1, 1, 1), graph.Weight(this, nameof(bias), bias));
        return graph.Operators.GroupNorm(input, channels, (int)_groups, scale, shift, graph.Type);
    }
}
