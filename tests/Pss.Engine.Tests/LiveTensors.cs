using TorchSharp;

namespace Pss.Engine.Tests;

/// <summary>Tests that count live tensors: the count is the process's, so nothing else may run beside them.</summary>
[CollectionDefinition(nameof(LiveTensors), DisableParallelization = true)]
public sealed class LiveTensors
{
    /// <summary>The count, once what other tests left to the finalizer is gone: only what is made from here on can change it.</summary>
    public static long Settled()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return torch.Tensor.TotalCount;
    }
}
