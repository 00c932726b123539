using Pss.Engine.Layers;
using Pss.Engine.Losses;
using Pss.Engine.Onnx.Graphs;
using static TorchSharp.torch;

namespace Pss.Engine.Detectors;

/// <summary>
/// CondInst (Tian et al., "Conditional Convolutions for Instance Segmentation"): FCOS that also predicts, for each location, the weights of a small
/// mask head, which reads features shared by all objects of the image. Positives lie around the centroids of masks.
/// </summary>
internal sealed class CondInst : Fcos
{
    private readonly CondInstOptions _options;
    private readonly SquareConvolution _controller;
    private readonly MaskBranch _branch;

    /// <summary>Draws starting weights; the same seed gives the same weights, and those of FCOS in what both have.</summary>
    /// <param name="options">The detector's options; they are checked.</param>
    /// <param name="seed">Seed of the starting weights.</param>
    public CondInst(CondInstOptions options, ulong seed = 0)
        : base(options, seed)
    {
        _options = options;
        using var generator = new Generator(~seed);
        _controller = DetectionHead.Predictor(options.Pyramid.Channels, DynamicMaskHead.Parameters, 0, generator);
        _branch = new MaskBranch(options, generator);
        register_module("controller", _controller);
        register_module("mask_branch", _branch);
    }

    /// <inheritdoc/>
    protected override HeadOutputs Extend(HeadOutputs outputs, TowerFeatures<Tensor> towers, Tensor[] levels) => outputs with
    {
        MaskParameters = HeadOutputs.Flatten(towers.Regression.Select(_controller.call)),
        MaskFeatures = _branch.call(levels),
        SemanticLogits = training ? _branch.SemanticLogits(levels) : null,
    };

    /// <inheritdoc/>
    protected override HeadValues Extend(ModuleGraph graph, HeadValues outputs, TowerFeatures<OnnxValue> towers, OnnxValue[] levels) => outputs with
    {
        MaskParameters = graph.Flatten(towers.Regression.Select(features => _controller.Export(graph, features)), _controller.Outputs),
        MaskFeatures = graph.ToFloat32(_branch.Export(graph, levels)),
    };

    /// <inheritdoc/>
    protected override IEnumerable<LossTerm> BaseLosses(AssignedBatch batch, LossNormalizers normalizers)
    {
        foreach (var term in base.BaseLosses(batch, normalizers))
            yield return term;
        yield return new("mask", MaskLoss(batch), _options.MaskWeight, normalizers.MaskedPositives);
        if (batch.Outputs.SemanticLogits is not { } logits)
            yield break;
        var semantic = FocalLoss.OfClasses(logits, batch.Assigned.Masks().Classes.flatten(1), null, Options.Losses with { ClassWeights = null });
        yield return new("semantic", semantic, _options.SemanticWeight, normalizers.MaskedPixels);
    }

    /// <inheritdoc/>
    protected override LossNormalizers BaseNormalizers(AssignedTargets assigned) => base.BaseNormalizers(assigned) with
    {
        MaskedPositives = assigned.HasMask().sum(),
        MaskedPixels = assigned.Masks().Classes.IsAtLeast(0).sum(),
    };

    /// <summary>The sum of the dice losses of all positives with a mask; of more than the most, that of every n-th times n.</summary>
    private Tensor MaskLoss(AssignedBatch batch)
    {
        using var scope = NewDisposeScope();
        var (outputs, assigned) = (batch.Outputs, batch.Assigned);
        var positives = assigned.HasMask().nonzero();
        var all = positives.shape[0];
        // The graph stays whole without positives.
        if (all == 0)
            return outputs.MaskParameters!.sum().Plus(outputs.MaskFeatures!.sum()).Times(0.0).MoveToOuterDisposeScope();
        var taken = Math.Min(all, _options.MaxMasks);
        if (taken < all)
            positives = positives.index_select(0, Tensor.Indices(taken, positives.device).Times(all).FloorOver(taken));
        var (image, location) = (positives.select(1, 0), positives.select(1, 1));
        var target = assigned.Masks().Masks.index(TensorIndex.Tensor(image), TensorIndex.Tensor(At(assigned.Matched)));
        var logits = DynamicMaskHead.Logits(
            outputs.MaskFeatures!, At(outputs.MaskParameters!), image, assigned.Points.Points.index_select(0, location), assigned.Points.Strides.index_select(0, location));
        var losses = DiceLoss.PerMask(LinearResampling.Upsample(logits, 2), target);
        return losses.sum().Times((double)all / taken).MoveToOuterDisposeScope();

        Tensor At(Tensor values) => values.index(TensorIndex.Tensor(image), TensorIndex.Tensor(location));
    }
}
