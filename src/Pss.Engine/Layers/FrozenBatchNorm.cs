using Pss.Engine.Onnx.Graphs;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Pss.Engine.Layers;

/// <summary>
/// Batch normalization by stored statistics, scale and shift: buffers, never trained, the same in training and evaluation.
/// </summary>
internal sealed class FrozenBatchNorm : Module<Tensor, Tensor>, IExportable
{
    // Lower-case: the names of fields are the names in the state dictionary.
    private readonly Tensor weight;
    private readonly Tensor bias;
    private readonly Tensor running_mean;
    private readonly Tensor running_var;

    /// <summary>The identity until weights are loaded.</summary>
    /// <param name="channels">Channels of the input.</param>
    public FrozenBatchNorm(long channels)
        : base(TorchRuntime.Require(nameof(FrozenBatchNorm)))
    {
        // The module's, not those of a dispose scope that it may be built in.
        weight = ones(channels).DetachFromDisposeScope();
        bias = zeros(channels).DetachFromDisposeScope();
        running_mean = zeros(channels).DetachFromDisposeScope();
        running_var = ones(channels).DetachFromDisposeScope();
        RegisterComponents();
    }

    /// <summary>Factor and summand of each channel, [channels] each. The tensors belong to the dispose scope in force.</summary>
    public (Tensor Scale, Tensor Shift) ToAffine() => StoredStatistics.ToAffine(weight, bias, running_mean, running_var);

    /// <summary>Leaves a summand per channel, [channels], and no factor: for convolutions that have taken the factor.</summary>
    public void SetShift(Tensor shift) => StoredStatistics.SetShift(weight, bias, running_mean, running_var, shift);

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) =>
        functional.batch_norm(input, running_mean, running_var, weight, bias, training: false, eps: 1e-5);

    /// <inheritdoc/>
    public OnnxValue Export(ModuleGraph graph, OnnxValue input) => StoredStatistics.Export(graph, this, input, weight, bias, running_mean, running_var);
}
