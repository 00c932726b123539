using Pss.Engine.Assignment;
using Pss.Engine.Backbones;
using Pss.Engine.Boxes;
using Pss.Engine.Layers;
using Pss.Engine.Losses;
using Pss.Engine.Onnx.Graphs;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Pss.Engine.Detectors;

/// <summary>
/// The template of a dense detector, the paper's Figure 1: backbone, pyramid, head and, on one of the head's towers, the positive sample
/// selector; then loss terms in training, score and boxes in inference. A detector says what its head, assignment, loss terms and score
/// are. Images [N, 3, H, W], normalized as <see cref="DetectorOptions.Pixels"/> says.
/// </summary>
/// <remarks>Height and width are multiples of 32 in training and inference. Other sizes work in float32; in bfloat16 libtorch 2.10 can give
/// NaN for inputs a few pixels wide on processors with AMX.</remarks>
internal abstract class DenseDetector : Module<Tensor, HeadOutputs>
{
    // Lower-case: the names of fields are the names in the state dictionary.
    private readonly ResNet backbone;
    private readonly FeaturePyramid pyramid;
    private readonly DetectionHead head;
    private readonly PositiveSampleSelector? pss;
    private readonly BackwardFailure _backwardFailure = new();
    private bool _onlySelectorTrains;

    /// <summary>Draws starting weights; the same seed gives the same weights.</summary>
    /// <param name="options">The detector's options; they are checked.</param>
    /// <param name="seed">Seed of the weights.</param>
    /// <param name="createHead">Makes the head for a box encoding, drawing its weights from a generator.</param>
    protected DenseDetector(DetectorOptions options, ulong seed, Func<BoxCoder, Generator, DetectionHead> createHead)
        : base(TorchRuntime.Require(nameof(DenseDetector)))
    {
        options.Validate();
        (Options, Coder) = (options, BoxCoder.For(options.BoxEncoding, options.AnchorScale));
        using var generator = new Generator(seed);
        backbone = new ResNet(options.Backbone, generator);
        pyramid = new FeaturePyramid(options.Pyramid, options.Backbone, generator);
        head = createHead(Coder, generator);
        pss = options.Selector is { } selector ? new PositiveSampleSelector(options, selector, generator) : null;
        RegisterComponents();
    }

    /// <summary>The options the detector was built from.</summary>
    public DetectorOptions Options { get; }

    /// <summary>The box encoding of the box branch.</summary>
    public BoxCoder Coder { get; }

    /// <summary>The one-to-many assignment: the object each location is a positive of, [N, L], 64-bit integers; -1 is background.</summary>
    protected abstract Tensor Assign(AnchorPoints points, BatchTargets targets);

    /// <summary>The assignment where it goes by the predictions too; in most detectors it does not.</summary>
    /// <param name="points">The locations.</param>
    /// <param name="targets">The ground-truth objects.</param>
    /// <param name="outputs">Predictions, in float32.</param>
    /// <param name="boxes">Predicted boxes in pixels, [N, L, 4].</param>
    protected virtual Tensor Assign(AnchorPoints points, BatchTargets targets, HeadOutputs outputs, Tensor boxes) => Assign(points, targets);

    /// <summary>The number of positives that the class and center-ness losses are divided by; at least 1 is taken.</summary>
    /// <param name="isPositive">[N, L].</param>
    protected abstract Tensor CountPositives(Tensor isPositive);

    /// <summary>The loss terms without the selector's, in their order.</summary>
    protected abstract IEnumerable<LossTerm> BaseLosses(AssignedBatch batch, LossNormalizers normalizers);

    /// <summary>The weights of the box loss, [N, L]; 0 at locations that are no positives.</summary>
    protected abstract Tensor BoxWeights(AssignedTargets assigned);

    /// <summary>The factors of the one-to-many score: class probability times quality where the detector has one.</summary>
    private static ScoreFactors<Tensor> BaseScore(HeadOutputs outputs) => new(outputs.ClassLogits, outputs.QualityLogits is { } logits ? [logits] : []);

    /// <summary>The same as values of a graph.</summary>
    private static ScoreFactors<OnnxValue> BaseScore(HeadValues outputs) =>
        new(outputs.ClassLogits, outputs.QualityLogits == OnnxValue.None ? [] : [outputs.QualityLogits]);

    /// <summary>Adds what further branches of the detector predict; most have none.</summary>
    /// <param name="outputs">The outputs of head and selector.</param>
    /// <param name="towers">The features of the head's towers.</param>
    /// <param name="levels">P3..P7, [N, channels, H, W] each.</param>
    protected virtual HeadOutputs Extend(HeadOutputs outputs, TowerFeatures<Tensor> towers, Tensor[] levels) => outputs;

    /// <summary>The same as values of a graph.</summary>
    protected virtual HeadValues Extend(ModuleGraph graph, HeadValues outputs, TowerFeatures<OnnxValue> towers, OnnxValue[] levels) => outputs;

    /// <inheritdoc/>
    public override HeadOutputs forward(Tensor images)
    {
        using var scope = NewDisposeScope();
        var levels = pyramid.call(backbone.call(images));
        var (outputs, towers) = head.call(levels);
        return Extend(outputs with { SelectorLogits = pss?.Logits(towers) }, towers, levels).MoveToOuterDisposeScope();
    }

    /// <summary><see cref="forward"/> as operators.</summary>
    /// <param name="graph">The graph, which knows the names of this network's modules.</param>
    /// <param name="images">Normalized images, [N, 3, H, W].</param>
    /// <param name="withSelector">Whether the selector comes along.</param>
    public HeadValues Export(ModuleGraph graph, OnnxValue images, bool withSelector)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var levels = pyramid.Export(graph, backbone.Export(graph, images));
        var (outputs, towers) = head.Export(graph, levels);
        return Extend(graph, withSelector && pss is not null ? outputs with { SelectorLogits = pss.ExportLogits(graph, towers) } : outputs, towers, levels);
    }

    /// <summary>The loss terms of a batch, with gradient. The tensors belong to the dispose scope in force.</summary>
    /// <param name="outputs">The network outputs.</param>
    /// <param name="targets">The ground-truth objects.</param>
    /// <param name="ofStep">Normalizers of the whole step; null where the batch is the step.</param>
    public LossTerms Losses(HeadOutputs outputs, BatchTargets targets, LossNormalizers? ofStep = null)
    {
        using var scope = NewDisposeScope();
        return Losses(outputs, targets, Points(outputs.Levels, outputs.ClassLogits.device), null, ofStep).MoveToOuterDisposeScope();
    }

    /// <summary>The loss terms for locations of the caller's, and an assignment of the caller's where there is one.</summary>
    public LossTerms Losses(HeadOutputs outputs, BatchTargets targets, AnchorPoints points, Tensor? matched, LossNormalizers? ofStep = null)
    {
        using var scope = NewDisposeScope();
        var exact = outputs.ToFloat32();
        var boxes = Coder.Decode(exact.Boxes, points.Points, points.Strides);
        var batch = new AssignedBatch(exact, boxes, new(targets, points, matched ?? Assign(points, targets, exact, boxes)));
        var terms = BaseLosses(batch, ofStep ?? BaseNormalizers(batch.Assigned));
        if (pss is not null)
            terms = terms.Concat(pss.LossTerms(batch, BaseScore(exact), ofStep));
        return new LossTerms(terms).MoveToOuterDisposeScope();
    }

    /// <summary>The contribution of a batch to the normalizers of its step; it needs no predictions. The tensors belong to the dispose scope in force.</summary>
    /// <param name="targets">The ground-truth objects.</param>
    /// <param name="height">Height of the padded images.</param>
    /// <param name="width">Width of the padded images.</param>
    public LossNormalizers Normalizers(BatchTargets targets, int height, int width)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var points = Points(LevelShape.Of(height, width), targets.Boxes.device);
        var assigned = new AssignedTargets(targets, points, Assign(points, targets));
        var normalizers = BaseNormalizers(assigned);
        return (pss is null ? normalizers : normalizers with { MatchedObjects = pss.CountMatchable(assigned) }).MoveToOuterDisposeScope();
    }

    /// <summary>The factors whose product is the score of each location and class.</summary>
    /// <param name="outputs">The network outputs.</param>
    /// <param name="withSelector">True for the fused score of the end-to-end branch, where there is a selector; false for the one-to-many score.</param>
    public ScoreFactors<Tensor> Score(HeadOutputs outputs, bool withSelector) =>
        withSelector && pss is not null ? BaseScore(outputs).With(outputs.SelectorLogits!) : BaseScore(outputs);

    /// <summary>The same as values of a graph.</summary>
    public ScoreFactors<OnnxValue> Score(HeadValues outputs, bool withSelector) =>
        withSelector && pss is not null ? BaseScore(outputs).With(outputs.SelectorLogits) : BaseScore(outputs);

    /// <summary>The locations of pyramid levels. The tensors belong to the dispose scope in force.</summary>
    public AnchorPoints Points(IReadOnlyList<LevelShape> levels, Device device) => AnchorPoints.Create(levels, Options.PointOffset, device);

    /// <summary>The backbone's C3..C5 and the pyramid's P3..P7 of images, [N, channels, H, W] each: for inspection and tests.</summary>
    /// <param name="input">Normalized images, [N, 3, H, W].</param>
    public (BackboneFeatures<Tensor> Backbone, Tensor[] Pyramid) Features(Tensor input)
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
        foreach (var parameter in AllButSelector().SelectMany(module => module.parameters()))
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

    /// <summary>Moves the factors of the backbone's batch normalizations into its convolutions; the state dictionary keeps its names.</summary>
    public void MoveBatchNormFactors()
    {
        foreach (var layer in modules().OfType<ConvNorm>())
            layer.MoveBatchNormFactor();
    }

    /// <summary>Stores the weights of convolutions with the channels innermost, for inputs that are stored so; to be called once the network is on its device.
    /// After a backward pass <see cref="ThrowBackwardFailure"/> is to be called.</summary>
    public void UseChannelsLast()
    {
        foreach (var layer in modules().OfType<SquareConvolution>())
            layer.UseChannelsLast();
        foreach (var layer in modules().OfType<GroupNorm>())
            layer.UseChannelsLast(_backwardFailure);
    }

    /// <summary>
    /// Computes the larger 3x3 convolutions by minimal filtering (Winograd), for inference: faster on a CPU, results equal within about 1e-5
    /// of their size. To be called last, after folding and moving: it works on copies of the weights.
    /// </summary>
    public void UseWinograd()
    {
        foreach (var layer in modules().OfType<SquareConvolution>())
            layer.UseWinograd();
    }

    /// <summary>The same in training, with their gradients. After a backward pass <see cref="ThrowBackwardFailure"/> is to be called.</summary>
    public void UseWinogradInTraining()
    {
        foreach (var layer in modules().OfType<SquareConvolution>())
            layer.UseWinogradInTraining(_backwardFailure);
    }

    /// <summary>Throws what went wrong in the backward pass before, such as a shortage of memory.</summary>
    public void ThrowBackwardFailure() => _backwardFailure.Throw();

    /// <inheritdoc/>
    public override void train(bool train = true)
    {
        base.train(train);
        if (!_onlySelectorTrains)
            return;
        foreach (var module in AllButSelector())
            module.eval();
    }

    /// <summary>The contribution of a batch to the normalizers without the selector's.</summary>
    protected virtual LossNormalizers BaseNormalizers(AssignedTargets assigned)
    {
        var images = LossNormalizers.Count(assigned.Matched.shape[0], assigned.Matched.device);
        var none = zeros_like(images);
        return new(CountPositives(assigned.IsPositive), assigned.IsPositive.sum(), BoxWeights(assigned).sum(), none, images, none, none);
    }

    private IEnumerable<Module> AllButSelector() => children().Where(module => module != pss);
}
