using Pss.Engine.Onnx.Graphs;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Pss.Engine.Layers;

/// <summary>
/// A square convolution that keeps the size (up to its stride), then normalization, then ReLU; the last two may be absent.
/// </summary>
internal sealed class ConvNorm : Module<Tensor, Tensor>, IExportable
{
    // Lower-case: the names of fields are the names in the state dictionary.
    private readonly SquareConvolution conv;
    private readonly Module<Tensor, Tensor>? norm;
    private readonly bool _relu;
    private bool _folded;

    /// <summary>A convolution of a backbone: Kaiming fan-out, bias-free, then the chosen normalization.</summary>
    internal ConvNorm(
        long input, long output, long kernel, long stride, Normalization normalization, bool relu, Generator generator, long groups = 1, bool deformable = false)
        : this(
            deformable ? new DeformableConvolution(input, output, kernel, stride, hasBias: false, groups)
                : new SquareConvolution(input, output, kernel, stride, hasBias: false, groups),
            NormOf(normalization, output),
            relu) =>
        Initializer.KaimingFanOut(conv, generator);

    /// <summary>A 3x3 convolution of a head's tower: N(0, 0.01), then group normalization (0 groups: none), then ReLU.</summary>
    internal ConvNorm(long input, long output, int groups, bool bias, Generator generator, bool deformable = false)
        : this(
            deformable ? new DeformableConvolution(input, output, 3, hasBias: bias || groups == 0)
                : new SquareConvolution(input, output, 3, hasBias: bias || groups == 0),
            groups == 0 ? null : new GroupNorm(groups, output),
            true) =>
        Initializer.Head(conv, generator);

    /// <summary>A 3x3 convolution of CondInst's mask branch: Kaiming uniform, bias-free, then batch normalization, then ReLU.</summary>
    internal ConvNorm(long input, long output, Generator generator)
        : this(new SquareConvolution(input, output, 3, hasBias: false), new BatchNorm(output), true) =>
        Initializer.KaimingUniform(conv, generator);

    private ConvNorm(SquareConvolution conv, Module<Tensor, Tensor>? norm, bool relu)
        : base(nameof(ConvNorm))
    {
        (this.conv, this.norm, _relu) = (conv, norm, relu);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = Normalized(input);
        return (_relu ? x.relu_() : x).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue Export(ModuleGraph graph, OnnxValue input)
    {
        if (norm is null || _folded)
            return graph.Convolve(conv, input, _relu);
        var x = graph.Export(norm, graph.Convolve(conv, input));
        return _relu ? graph.Operators.Relu(x) : x;
    }

    /// <summary>
    /// Moves a batch normalization's stored statistics, scale and shift into the convolution, for inference: one pass less over the
    /// feature map. Other normalizations stay. The state dictionary is of no use afterwards.
    /// </summary>
    internal void FoldBatchNorm()
    {
        if (_folded || norm is not (FrozenBatchNorm or BatchNorm))
            return;
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        conv.AddBias(ScaleByBatchNorm());
        _folded = true;
    }

    /// <summary>Moves a batch normalization's factor into the convolution and leaves the normalization its summand, so that the state dictionary stays that of the
    /// network: rounded afterwards, its weights are those that <see cref="FoldBatchNorm"/> gives before rounding.</summary>
    internal void MoveBatchNormFactor()
    {
        if (norm is not (FrozenBatchNorm or BatchNorm))
            return;
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var shift = ScaleByBatchNorm();
        if (norm is BatchNorm trained)
            trained.SetShift(shift);
        else
            ((FrozenBatchNorm)norm).SetShift(shift);
    }

    /// <summary>Starts the branch that this convolution ends at zero.</summary>
    internal void ZeroNormWeight()
    {
        switch (norm)
        {
            case BatchNorm batch: init.zeros_(batch.Weight); break;
            case GroupNorm group: init.zeros_(group.Weight); break;
        }
    }

    /// <summary>Multiplies the weights by the batch normalization's factors; returns its summands.</summary>
    private Tensor ScaleByBatchNorm()
    {
        var (scale, shift) = norm is BatchNorm trained ? trained.ToAffine() : ((FrozenBatchNorm)norm!).ToAffine();
        conv.Weight.mul_(scale.view(-1, 1, 1, 1));
        return shift;
    }

    private Tensor Normalized(Tensor input)
    {
        if (norm is FrozenBatchNorm frozen && training)
        {
            var (scale, shift) = frozen.ToAffine();
            return conv.CallScaled(input, scale, shift);
        }
        var x = conv.call(input);
        return norm is null || _folded ? x : norm.call(x);
    }

    private static Module<Tensor, Tensor> NormOf(Normalization normalization, long channels) => normalization switch
    {
        Normalization.BatchNorm => new BatchNorm(channels),
        Normalization.GroupNorm => new GroupNorm(channels % 2 == 0 ? GreatestCommonDivisor(32, channels / 2) : 1, channels),
        _ => new FrozenBatchNorm(channels),
    };

    private static long GreatestCommonDivisor(long a, long b) => b == 0 ? a : GreatestCommonDivisor(b, a % b);
}
