using Pss.Engine.Backbones;
using Pss.Engine.Boxes;
using Pss.Engine.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Pss.Engine.Detectors;

/// <summary>
/// The one-to-many head shared by all levels: a classification tower with the class logits, a regression tower with boxes and
/// center-ness (the paper's configurations have it there, Figure 1 draws it beside the classes).
/// </summary>
public sealed class DenseHead : Module<Tensor[], HeadMaps>
{
    // Lower-case: the names of fields are the names in the state dictionary.
    private readonly Sequential class_tower;
    private readonly Sequential box_tower;
    private readonly SquareConvolution class_logits;
    private readonly SquareConvolution boxes;
    private readonly SquareConvolution centerness;
    private readonly Parameter? scales;
    private readonly BoxEncoding _form;
    private readonly WinogradConvolution _classLogits;

    /// <summary>Draws starting weights: N(0, 0.01), biases 0, class bias -ln(99) so that every class starts at probability 0.01.</summary>
    /// <param name="options">The shape.</param>
    /// <param name="channels">Channels of the pyramid.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="generator">Draws the weights.</param>
    public DenseHead(DenseHeadOptions options, int channels, int classes, Generator generator)
        : base(nameof(DenseHead))
    {
        _form = options.BoxEncoding;
        class_tower = Tower(channels, options.Convolutions, options.Groups, options.ConvolutionBias, generator);
        box_tower = Tower(channels, options.Convolutions, options.Groups, options.ConvolutionBias, generator);
        class_logits = Predictor(channels, classes, -Math.Log(99), generator);
        _classLogits = new WinogradConvolution(class_logits);
        boxes = Predictor(channels, 4, 0, generator);
        centerness = Predictor(channels, 1, 0, generator);
        scales = options.LevelScales ? ModuleParameter.Create(ones(LevelShape.Strides.Count)) : null;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override HeadMaps forward(Tensor[] input)
    {
        var maps = new HeadMaps(Maps(), Maps(), Maps(), Maps(), Maps());
        for (int level = 0; level < input.Length; level++)
        {
            var features = maps.ClassFeatures[level] = class_tower.call(input[level]);
            maps.ClassLogits[level] = _classLogits.Apply(features);
            features = maps.BoxFeatures[level] = box_tower.call(input[level]);
            maps.Centerness[level] = centerness.call(features);
            var regression = boxes.call(features);
            if (scales is not null)
                regression = regression * scales[level];
            maps.Boxes[level] = _form == BoxEncoding.Distances ? regression.relu() : regression;
        }

        return maps;

        Tensor[] Maps() => new Tensor[input.Length];
    }

    /// <summary>Lets inference take the faster algorithm for the class logits; the weights are final by now.</summary>
    internal void UseWinograd() => _classLogits.Prepare();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _classLogits.Dispose();
        base.Dispose(disposing);
    }

    internal static Sequential Tower(int channels, int convolutions, int groups, bool bias, Generator generator) =>
        Sequential(Enumerable.Range(0, convolutions).Select(Module<Tensor, Tensor> (_) => new ConvNorm(channels, channels, groups, bias, generator)));

    internal static SquareConvolution Predictor(int channels, int outputs, double bias, Generator generator)
    {
        var conv = new SquareConvolution(channels, outputs, 3);
        Initializer.Head(conv, generator, bias);
        return conv;
    }
}
