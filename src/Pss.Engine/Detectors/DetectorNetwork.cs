using Pss.Engine.Backbones;
using Pss.Engine.Boxes;
using Pss.Engine.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Pss.Engine.Detectors;

/// <summary>
/// The detector as in the paper's Figure 1: backbone, pyramid, one-to-many head and, on one of its towers, the positive sample
/// selector. Images [N, 3, H, W], normalized as <see cref="DetectorOptions.Pixels"/> says, to flat outputs.
/// </summary>
/// <remarks>Height and width are multiples of 32 in training and in <see cref="Inference.Detector"/>. Other sizes work in float32; in bfloat16
/// libtorch 2.10 can give NaN for inputs a few pixels wide on processors with AMX.</remarks>
public sealed class DetectorNetwork : Module<Tensor, HeadOutputs>
{
    // Lower-case: the names of fields are the names in the state dictionary.
    private readonly ResNet backbone;
    private readonly FeaturePyramid pyramid;
    private readonly DenseHead head;
    private readonly PssHead? pss;
    private bool _onlySelectorTrains;

    /// <summary>Draws starting weights; the same seed gives the same weights.</summary>
    /// <param name="options">The detector's options; they are checked.</param>
    /// <param name="seed">Seed of the weights.</param>
    public DetectorNetwork(DetectorOptions options, ulong seed = 0)
        : base(TorchRuntime.Require(nameof(DetectorNetwork)))
    {
        options.Validate();
        Options = options;
        using var generator = new Generator(seed);
        backbone = new ResNet(options.Backbone, generator);
        pyramid = new FeaturePyramid(options.Pyramid, options.Backbone, generator);
        head = new DenseHead(options.Head, options.Pyramid.Channels, options.Classes, generator);
        pss = options.Selector is { } selector ? new PssHead(selector, options.Pyramid.Channels, generator) : null;
        RegisterComponents();
    }

    /// <summary>The options the network was built from.</summary>
    public DetectorOptions Options { get; }

    /// <inheritdoc/>
    public override HeadOutputs forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var levels = pyramid.call(backbone.call(input));
        var maps = head.call(levels);
        var selector = pss is null ? null : SelectorInputs(maps).Select(pss.call).ToArray();

        return new(
            Flat(maps.ClassLogits).MoveToOuterDisposeScope(),
            Flat(maps.Boxes).MoveToOuterDisposeScope(),
            Flat(maps.Centerness).squeeze(-1).MoveToOuterDisposeScope(),
            selector is null ? null : Flat(selector).squeeze(-1).MoveToOuterDisposeScope(),
            [.. levels.Zip(LevelShape.Strides, (level, stride) => new LevelShape((int)level.shape[2], (int)level.shape[3], stride))]);
    }

    /// <summary>The pyramid's levels P3..P7 of images, [N, channels, H, W] each: for inspection and tests.</summary>
    /// <param name="input">Normalized images, [N, 3, H, W].</param>
    public (BackboneFeatures Backbone, Tensor[] Pyramid) Features(Tensor input)
    {
        var features = backbone.call(input);
        return (features, pyramid.call(features));
    }

    /// <summary>
    /// The second step of two-step training (the paper's section 3.5): everything but the selector stays as it is, statistics included.
    /// </summary>
    /// <exception cref="InvalidOperationException">There is no selector.</exception>
    public void FreezeAllButSelector()
    {
        if (pss is null)
            throw new InvalidOperationException($"Two-step training needs a selector: set {nameof(Options.Selector)} in the options.");
        foreach (var parameter in new Module[] { backbone, pyramid, head }.SelectMany(module => module.parameters()))
            parameter.requires_grad = false;
        _onlySelectorTrains = true;
        train(training);
    }

    /// <summary>
    /// Moves the batch normalizations of the backbone into its convolutions, for inference: the state dictionary is of no use
    /// afterwards.
    /// </summary>
    public void FoldBatchNorm()
    {
        foreach (var layer in modules().OfType<ConvNorm>())
            layer.FoldBatchNorm();
    }

    /// <summary>
    /// Computes the larger 3x3 convolutions by minimal filtering (Winograd), for inference: faster on a CPU, results equal within about 1e-5
    /// of their size. To be called last, after folding and moving: it works on copies of the weights.
    /// </summary>
    public void UseWinograd()
    {
        foreach (var layer in modules().OfType<ConvNorm>())
            layer.UseWinograd();
        pyramid.UseWinograd();
        head.UseWinograd();
    }

    /// <inheritdoc/>
    public override void train(bool train = true)
    {
        base.train(train);
        if (!_onlySelectorTrains)
            return;
        backbone.eval();
        pyramid.eval();
        head.eval();
    }

    private Tensor[] SelectorInputs(HeadMaps maps)
    {
        var features = Options.Selector!.Input == SelectorInput.Classification ? maps.ClassFeatures : maps.BoxFeatures;
        return Options.Selector.StopGradient == StopGradient.None ? features : [.. features.Select(map => map.detach())];
    }

    /// <summary>Maps [N, K, H, W] of all levels to [N, L, K].</summary>
    private static Tensor Flat(Tensor[] maps) =>
        cat(maps.Select(map => map.permute(0, 2, 3, 1).flatten(1, 2)).ToArray(), 1);
}
