using TorchSharp;
using static TorchSharp.torch;

namespace Pss.Engine.Layers;

/// <summary>What goes into and comes out of each convolution of a network, for each of its calls in a forward pass.</summary>
internal sealed class ActivationRanges
{
    private readonly Dictionary<SquareConvolution, List<(ValueRange Input, ValueRange Output)>> _ranges = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<SquareConvolution, int> _calls = new(ReferenceEqualityComparer.Instance);

    /// <summary>The ranges of one call of a convolution.</summary>
    /// <param name="convolution">The convolution.</param>
    /// <param name="call">Which call of a forward pass, from 0.</param>
    public (ValueRange Input, ValueRange Output) Of(SquareConvolution convolution, int call) => _ranges[convolution][call];

    /// <summary>Widens the ranges by what a network computes, until disposed of.</summary>
    /// <param name="network">The network; it must not compute by minimal filtering.</param>
    public IDisposable Listen(nn.Module network) => new Listener([.. network.modules().OfType<SquareConvolution>().Select(convolution =>
        (Action)convolution.register_forward_hook((_, input, output) => Observe(convolution, input, output)).remove)]);

    /// <summary>Starts the next forward pass.</summary>
    public void Begin() => _calls.Clear();

    private Tensor Observe(SquareConvolution convolution, Tensor input, Tensor output)
    {
        var call = _calls.GetValueOrDefault(convolution);
        _calls[convolution] = call + 1;
        var ranges = _ranges.TryGetValue(convolution, out var known) ? known : _ranges[convolution] = [];
        var (ofInput, ofOutput) = (ValueRange.Of(input), ValueRange.Of(output));
        if (call == ranges.Count)
            ranges.Add((ofInput, ofOutput));
        else
            ranges[call] = (ranges[call].Input.Union(ofInput), ranges[call].Output.Union(ofOutput));
        return output;
    }

    private sealed class Listener(Action[] removals) : IDisposable
    {
        public void Dispose()
        {
            foreach (var remove in removals)
                remove();
        }
    }
}
