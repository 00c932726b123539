namespace TorchSharp;

public class DisposeScopeManager
{
    [ThreadStatic]
    private static DisposeScopeManager? instance;

    private DisposeScopeManager()
    {
    }

    public static ThreadDisposeScopeStatistics Statistics => Instance.Counts;

    internal static DisposeScopeManager Instance => instance ??= new();

    internal ThreadDisposeScopeStatistics Counts { get; } = new();

    internal DisposeScope? Current { get; private set; }

    internal DisposeScope NewScope() => Current = new(this, Current);

    /// <summary>Takes a scope out of the chain, wherever it stands in it.</summary>
    internal void Remove(DisposeScope scope)
    {
        if (Current == scope) Current = scope.Outer;
        for (var inner = Current; inner is not null; inner = inner.Outer)
        {
            if (inner.Outer == scope) inner.Outer = scope.Outer;
        }
    }

    /// <summary>Puts a new tensor into the thread's current scope, if there is one.</summary>
    internal static DisposeScope? Register(torch.Tensor tensor)
    {
        var manager = Instance;
        if (manager.Current is { } scope) scope.Register(tensor);
        else manager.Counts.CreatedOutsideScopeCount++;
        return manager.Current;
    }
}
