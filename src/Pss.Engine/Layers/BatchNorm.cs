using Pss.Engine.Onnx.Graphs;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Pss.Engine.Layers;

/// <summary>
/// Batch normalization with trained scale and shift: by the batch's statistics in training, by their running average otherwise.
/// TorchSharp's own counts its batches in a way that is not safe beside garbage collections, see <see cref="TensorArithmetic"/>.
/// </summary>
internal sealed class BatchNorm : Module<Tensor, Tensor>, IExportable
{
    // Lower-case: the names of fields are the names in the state dictionary. Not readonly: moving the module replaces them.
    private Parameter weight;
    private Parameter bias;
    private Tensor running_mean;
    private Tensor running_var;
    private Tensor num_batches_tracked;

    /// <summary>Scale 1, shift 0.</summary>
    /// <param name="channels">Channels of the input.</param>
    public BatchNorm(long channels)
        : base(nameof(BatchNorm))
    {
        (weight, bias) = (ModuleParameter.Create(ones(channels)), ModuleParameter.Create(zeros(channels)));
        // The module's, not those of a dispose scope that it may be built in.
        running_mean = zeros(channels).DetachFromDisposeScope();
        running_var = ones(channels).DetachFromDisposeScope();
        num_batches_tracked = tensor(0L).DetachFromDisposeScope();
        RegisterComponents();
    }

    /// <summary>The scale, [channels].</summary>
    public Tensor Weight => weight;

    /// <summary>The running average of mean and variance, [channels] each.</summary>
    public (Tensor Mean, Tensor Variance) Statistics => (running_mean, running_var);

    /// <summary>Factor and summand of each channel by the running average, [channels] each. The tensors belong to the dispose scope in force.</summary>
    public (Tensor Scale, Tensor Shift) ToAffine() => StoredStatistics.ToAffine(weight, bias, running_mean, running_var);

    /// <summary>Leaves a summand per channel, [channels], and no factor: for convolutions that have taken the factor.</summary>
    public void SetShift(Tensor shift) => StoredStatistics.SetShift(weight, bias, running_mean, running_var, shift);

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        if (training)
            num_batches_tracked.AddInPlace(1);
        return functional.batch_norm(input, running_mean, running_var, weight, bias, training, momentum: 0.1, eps: 1e-5);
    }

    /// <inheritdoc/>
    public OnnxValue Export(ModuleGraph graph, OnnxValue input) => StoredStatistics.Export(graph, this, input, weight, bias, running_mean, running_var);
}
