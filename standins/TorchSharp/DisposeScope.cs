namespace TorchSharp;

public sealed class DisposeScope : IDisposable
{
    private readonly DisposeScopeManager manager;
    private HashSet<IDisposable> disposables = new(ReferenceEqualityComparer.Instance);

    internal DisposeScope(DisposeScopeManager manager, DisposeScope? outer)
    {
        this.manager = manager;
        Outer = outer;
    }

    public int DisposablesCount => disposables.Count;

    internal DisposeScope? Outer { get; set; }

    public bool Contains(IDisposable disposable) => disposables.Contains(disposable);

    public T MoveToOuter<T>(T disposable)
        where T : IDisposable => MoveToOther(Outer, disposable);

    public T MoveToOther<T>(DisposeScope? scope, T disposable)
        where T : IDisposable
    {
        if (disposables.Remove(disposable)) Hand(scope, disposable);
        return disposable;
    }

    public T Detach<T>(T disposable)
        where T : IDisposable => MoveToOther(null, disposable);

    public void Attach(IDisposable disposable)
    {
        if (disposable is not torch.Tensor tensor) throw new InvalidOperationException("DisposeScope can only manage Tensor or PackedSequence");
        if (tensor.OwningDisposeScope == this) return;
        tensor.OwningDisposeScope?.disposables.Remove(tensor);
        manager.Counts.AttachedToScopeCount++;
        Hand(this, tensor);
    }

    internal void MarkAsDisposed(IDisposable disposable)
    {
        disposables.Remove(disposable);
        if (disposable is torch.Tensor tensor) tensor.OwningDisposeScope = null;
    }

    public T DisposeEverythingBut<T>(T keep)
        where T : IDisposable
    {
        Keep([keep]);
        return keep;
    }

    public void DisposeEverything() => Keep([]);

    public void Dispose()
    {
        DisposeEverything();
        manager.Remove(this);
    }

    internal void Register(torch.Tensor tensor)
    {
        manager.Counts.CreatedInScopeCount++;
        disposables.Add(tensor);
    }

    private void Keep(IDisposable[] kept)
    {
        var old = disposables;
        disposables = new(kept, ReferenceEqualityComparer.Instance);
        foreach (var disposable in old)
        {
            if (!disposables.Contains(disposable)) disposable.Dispose();
        }
    }

    private void Hand(DisposeScope? scope, IDisposable disposable)
    {
        if (scope is null) manager.Counts.DetachedFromScopeCount++;
        else scope.disposables.Add(disposable);
        if (disposable is torch.Tensor tensor) tensor.OwningDisposeScope = scope;
    }
}
