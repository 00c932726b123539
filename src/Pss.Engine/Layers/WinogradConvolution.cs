using static TorchSharp.torch;

namespace Pss.Engine.Layers;

/// <summary>A 3x3 convolution that inference may compute by minimal filtering (<see cref="Winograd"/>), with its weight transformed once.</summary>
/// <param name="convolution">The convolution; it stays its owner's.</param>
internal sealed class WinogradConvolution(SquareConvolution convolution) : IDisposable
{
    // Below these the transforms cost more than the multiplications that they save.
    private const long LeastOutputs = 64;
    private const long LeastInputs = 128;
    private const long LeastTiles = 16;

    private Tensor? _transformed;

    /// <summary>Transforms the weight as it is now, if the convolution is of the kind; called once the weight is final.</summary>
    public void Prepare()
    {
        if (!convolution.IsOrdinary || convolution.Weight.shape[2] != 3 || convolution.Stride != 1
            || convolution.Outputs < LeastOutputs || convolution.Inputs < LeastInputs)
            return;
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        _transformed?.Dispose();
        _transformed = Winograd.Transform(convolution.Weight).contiguous().DetachFromDisposeScope();
    }

    /// <summary>The convolution of a map [N, I, H, W], with a padding of 1: [N, O, H, W].</summary>
    public Tensor Apply(Tensor map) => _transformed is not null && Winograd.Tiles(map.shape) >= LeastTiles
        ? Winograd.Convolve(map, _transformed, convolution.Bias)
        : convolution.call(map);

    /// <inheritdoc/>
    public void Dispose() => _transformed?.Dispose();
}
