using TorchSharp;

namespace Pss.Engine.Tests;

/// <summary>
/// Counts tensors by TorchSharp's statistics of the thread. Tensor.TotalCount will not do: it stays one higher for each parameter ever made,
/// because a parameter takes the native tensor of another one over without counting that one off.
/// </summary>
internal static class LiveTensors
{
    /// <summary>
    /// Tensors made on this thread and not disposed of on it. What is left to the finalizer is never counted off, so that equal counts mean that
    /// everything made in between was disposed of.
    /// </summary>
    public static long OfThread => DisposeScopeManager.Statistics.ThreadTotalLiveCount;
}
