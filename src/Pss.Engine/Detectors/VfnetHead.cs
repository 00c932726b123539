using Pss.Engine.Boxes;
using Pss.Engine.Layers;
using Pss.Engine.Onnx.Graphs;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Pss.Engine.Detectors;

/// <summary>
/// VFNet's head: a first box from the regression tower; then a convolution whose nine taps lie on the star of that box (its location, the location's
/// projections on the sides, the corners) reads both towers, to refine the box and for the class logits.
/// </summary>
internal sealed class VfnetHead : DetectionHead
{
    // VFNet lets a tenth of the gradient through the star's points.
    private const double StarGradient = 0.1;

    // Lower-case: the names of fields are the names in the state dictionary.
    private readonly Sequential class_tower;
    private readonly Sequential box_tower;
    private readonly ConvNorm box_block;
    private readonly SquareConvolution boxes;
    private readonly SquareConvolution refinement_star;
    private readonly SquareConvolution refinement;
    private readonly SquareConvolution class_star;
    private readonly SquareConvolution class_logits;
    private readonly Parameter scales;
    private readonly Parameter refinement_scales;

    /// <summary>Draws starting weights: N(0, 0.01), biases 0, class bias -ln(99).</summary>
    /// <param name="options">The detector's options.</param>
    /// <param name="generator">Draws the weights.</param>
    public VfnetHead(VfnetOptions options, Generator generator)
        : base(nameof(VfnetHead))
    {
        var (channels, shape) = (options.Pyramid.Channels, options.Head);
        class_tower = Tower(channels, shape.Convolutions, shape.Groups, shape.ConvolutionBias, generator, shape.DeformableLast);
        box_tower = Tower(channels, shape.Convolutions, shape.Groups, shape.ConvolutionBias, generator, shape.DeformableLast);
        box_block = new ConvNorm(channels, channels, shape.Groups, shape.ConvolutionBias, generator);
        (boxes, refinement) = (Predictor(channels, 4, 0, generator), Predictor(channels, 4, 0, generator));
        class_logits = Predictor(channels, options.Classes, -Math.Log(99), generator);
        (refinement_star, class_star) = (Star(), Star());
        (scales, refinement_scales) = (ModuleParameter.Create(ones(LevelShape.Strides.Count)), ModuleParameter.Create(ones(LevelShape.Strides.Count)));
        RegisterComponents();

        SquareConvolution Star()
        {
            var conv = new SquareConvolution(channels, channels, 3, hasBias: false);
            Initializer.Head(conv, generator);
            return conv;
        }
    }

    /// <inheritdoc/>
    public override (HeadOutputs Outputs, TowerFeatures<Tensor> Towers) forward(Tensor[] levels)
    {
        var towers = Features(class_tower, box_tower, levels);
        Tensor[] first = [.. towers.Regression.Select((features, level) => (boxes.call(box_block.call(features)).ToFloat32() * scales[level]).exp().Times(LevelShape.SizeOfInterest))];
        Tensor[] stars = [.. first.Select(StarOffsets)];
        var refined = towers.Regression.Select((features, level) => first[level].detach() * (
            refinement.call(At(refinement_star, features, stars[level])).ToFloat32() * refinement_scales[level]).exp());
        var classes = towers.Classification.Select((features, level) => class_logits.call(At(class_star, features, stars[level])));
        return (new(HeadOutputs.Flatten(classes), HeadOutputs.Flatten(refined), null, null, ShapesOf(levels)) { FirstBoxes = HeadOutputs.Flatten(first) }, towers);

        static Tensor At(SquareConvolution star, Tensor features, Tensor offsets) => DeformableConvolution.Apply(features, offsets, null, star.Weight).relu();
    }

    /// <summary>
    /// The offsets of the star's nine points from a 3x3 kernel's taps, (y, x) in row-major order, [N, 18, H, W]. A tenth of their gradient reaches the
    /// distances.
    /// </summary>
    /// <param name="distances">l, t, r, b in units of the stride, [N, 4, H, W].</param>
    public static Tensor StarOffsets(Tensor distances)
    {
        using var scope = NewDisposeScope();
        var sides = distances.Times(StarGradient).Plus(distances.detach().Times(1 - StarGradient)).split(1, 1);
        var none = zeros_like(sides[0]);
        // A tap of the kernel is one pixel away from its center already.
        Tensor[] y = [(-sides[1]).Plus(1), none, sides[3].Plus(-1)];
        Tensor[] x = [(-sides[0]).Plus(1), none, sides[2].Plus(-1)];
        return cat([.. y.SelectMany(row => x.SelectMany(column => new[] { row, column }))], 1).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override (HeadValues Outputs, TowerFeatures<OnnxValue> Towers) Export(ModuleGraph graph, OnnxValue[] levels)
    {
        var operators = graph.Operators;
        var towers = Features(graph, class_tower, box_tower, levels);
        var (size, classes, refined) = (operators.Number(LevelShape.SizeOfInterest, graph.Type), new List<OnnxValue>(), new List<OnnxValue>());
        for (var level = 0; level < levels.Length; level++)
        {
            var first = operators.Mul(Exp(boxes.Export(graph, graph.Export(box_block, towers.Regression[level])), scales[level]), size);
            var offsets = ExportStar(first);
            var features = At(refinement_star, towers.Regression[level], offsets);
            refined.Add(operators.Mul(first, Exp(refinement.Export(graph, features), refinement_scales[level])));
            classes.Add(graph.Convolve(class_logits, At(class_star, towers.Classification[level], offsets)));
        }
        return (new(graph.Flatten(classes, class_logits.Outputs), graph.Flatten(refined, 4), OnnxValue.None, OnnxValue.None), towers);

        OnnxValue Exp(OnnxValue x, Tensor scale) => operators.Exp(operators.Mul(x, graph.Number(scale)));

        OnnxValue At(SquareConvolution star, OnnxValue features, OnnxValue offsets) =>
            operators.Relu(DeformableConvolution.Export(graph, features, offsets, OnnxValue.None, star));

        OnnxValue ExportStar(OnnxValue distances)
        {
            OnnxValue[] sides = [.. Enumerable.Range(0, 4).Select(side => operators.Slice(distances, side, side + 1, 1))];
            var (one, none) = (operators.Number(1, graph.Type), operators.Mul(sides[0], operators.Number(0, graph.Type)));
            OnnxValue[] y = [operators.Sub(one, sides[1]), none, operators.Sub(sides[3], one)];
            OnnxValue[] x = [operators.Sub(one, sides[0]), none, operators.Sub(sides[2], one)];
            return operators.Concat(1, [.. y.SelectMany(row => x.SelectMany(column => new[] { row, column }))]);
        }
    }
}
