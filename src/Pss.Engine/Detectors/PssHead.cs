using Pss.Engine.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Pss.Engine.Detectors;

/// <summary>
/// The positive sample selector (the paper's section 3.1.1): hidden convolutions and one logit a location, the same for all classes and
/// shared by all levels. It reads a tower of the base detector; end to end, its probability multiplies the class score and
/// center-ness, so that one location an object is left.
/// </summary>
public sealed class PssHead : Module<Tensor, Tensor>
{
    // Lower-case: the names of fields are the names in the state dictionary.
    private readonly Sequential tower;
    private readonly SquareConvolution logit;

    /// <summary>Draws starting weights: N(0, 0.01), biases 0, the predictor's as the options say.</summary>
    /// <param name="options">The shape.</param>
    /// <param name="channels">Channels of the tower it reads.</param>
    /// <param name="generator">Draws the weights.</param>
    public PssHead(PssHeadOptions options, int channels, Generator generator)
        : base(nameof(PssHead))
    {
        tower = DenseHead.Tower(channels, options.HiddenConvolutions, options.Groups, bias: false, generator);
        logit = DenseHead.Predictor(channels, 1, options.InitialBias, generator);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => logit.call(tower.call(input));
}
