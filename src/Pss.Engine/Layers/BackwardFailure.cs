using System.Runtime.ExceptionServices;

namespace Pss.Engine.Layers;

/// <summary>
/// What went wrong in the backward pass of a function of ours. libtorch calls those, and an exception that left them would end the process: it is kept here and
/// thrown once the pass is over.
/// </summary>
internal sealed class BackwardFailure
{
    private Exception? _first;

    /// <summary>Keeps an exception, unless there is one already. From any thread.</summary>
    public void Keep(Exception fault) => Interlocked.CompareExchange(ref _first, fault, null);

    /// <summary>Throws what was kept; the gradients are of no use then.</summary>
    public void Throw()
    {
        if (Interlocked.Exchange(ref _first, null) is { } fault)
            ExceptionDispatchInfo.Throw(fault);
    }
}
