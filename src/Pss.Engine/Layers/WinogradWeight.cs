using static TorchSharp.torch;

namespace Pss.Engine.Layers;

/// <summary>The weight of a 3x3 convolution, transformed once for inference by minimal filtering (<see cref="Winograd"/>).</summary>
internal sealed class WinogradWeight : IDisposable
{
    // Below these the transforms cost more than the multiplications that they save.
    private const long LeastOutputs = 64;
    private const long LeastInputs = 128;
    private const long LeastTiles = 16;

    private readonly Tensor _transformed;

    /// <summary>Transforms a weight, [O, I, 3, 3], as it is now.</summary>
    public WinogradWeight(Tensor weight)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        _transformed = Winograd.Transform(weight).contiguous().DetachFromDisposeScope();
    }

    /// <summary>Whether a convolution of so many channels gains by it.</summary>
    public static bool Suits(long outputs, long inputs) => outputs >= LeastOutputs && inputs >= LeastInputs;

    /// <summary>Whether maps, [N, I, H, W], are large enough to gain by it.</summary>
    public bool Suits(Tensor maps) => Winograd.Tiles(maps.shape) >= LeastTiles;

    /// <summary>The convolution of maps [N, I, H, W], with a padding of 1: [N, O, H, W].</summary>
    public Tensor Convolve(Tensor maps, Tensor? bias) => Winograd.Convolve(maps, _transformed, bias);

    /// <inheritdoc/>
    public void Dispose() => _transformed.Dispose();
}
