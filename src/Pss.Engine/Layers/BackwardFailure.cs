using System.Runtime.ExceptionServices;
using static TorchSharp.torch;

namespace Pss.Engine.Layers;

/// <summary>
/// What went wrong in the backward pass of a function of ours. libtorch calls those, and an exception that left them would end the process: it is kept here and
/// thrown once the pass is over.
/// </summary>
internal sealed class BackwardFailure
{
    private Exception? _first;

    /// <summary>The gradients that a function computes. If it fails, the exception is kept, unless there is one already, and they are zeros in next to no memory: the
    /// pass goes on to its end. From any thread.</summary>
    /// <param name="shapes">Their shapes; null for one that is not needed.</param>
    /// <param name="device">Where they are.</param>
    /// <param name="compute">Computes them.</param>
    public List<Tensor> Gradients(IReadOnlyList<long[]?> shapes, Device device, Func<Tensor?[]> compute)
    {
        using var scope = NewDisposeScope();
        Tensor?[] gradients;
        try
        {
            gradients = compute();
        }
        catch (Exception fault)
        {
            Interlocked.CompareExchange(ref _first, fault, null);
            gradients = [.. shapes.Select(shape => shape is null ? null : zeros(1, device: device).expand(shape))];
        }
        // Autograd takes null for what is not needed.
        return [.. gradients.Select(gradient => gradient?.MoveToOuterDisposeScope()!)];
    }

    /// <summary>Throws what was kept; the gradients are of no use then.</summary>
    public void Throw()
    {
        if (Interlocked.Exchange(ref _first, null) is { } fault)
            ExceptionDispatchInfo.Throw(fault);
    }
}
