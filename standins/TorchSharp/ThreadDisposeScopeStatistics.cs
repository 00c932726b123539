namespace TorchSharp;

public class ThreadDisposeScopeStatistics
{
    internal ThreadDisposeScopeStatistics()
    {
    }

    public long CreatedInScopeCount { get; internal set; }

    public long CreatedOutsideScopeCount { get; internal set; }

    public long DisposedInScopeCount { get; internal set; }

    public long DisposedOutsideScopeCount { get; internal set; }

    public long AttachedToScopeCount { get; internal set; }

    public long DetachedFromScopeCount { get; internal set; }

    public long ThreadTotalLiveCount =>
        CreatedInScopeCount + CreatedOutsideScopeCount - DisposedInScopeCount - DisposedOutsideScopeCount;
}
