namespace TorchSharp;

public static partial class torch
{
    public static DisposeScope NewDisposeScope() => DisposeScopeManager.Instance.NewScope();

    public static DisposeScope? CurrentDisposeScope => DisposeScopeManager.Instance.Current;

    public static Tensor WrappedTensorDisposeScope(Func<Tensor> expr)
    {
        using var scope = NewDisposeScope();
        return expr().MoveToOuterDisposeScope();
    }

    public static void set_num_threads(int num) => Native.Check(Native.pss_set_num_threads(num));

    public static int get_num_threads() => Native.Check(Native.pss_get_num_threads());

    public static IDisposable use_deterministic_algorithms(bool mode = true, bool warn_only = false)
    {
        var before = are_deterministic_algorithms_enabled();
        Native.Check(Native.pss_set_deterministic(mode ? 1 : 0, warn_only ? 1 : 0));
        return new Restore(() => Native.Check(Native.pss_set_deterministic(before ? 1 : 0, 0)));
    }

    public static bool are_deterministic_algorithms_enabled() => Native.pss_is_deterministic() != 0;

    public static class cuda
    {
        public static bool is_available() => device_count() > 0;

        public static int device_count() => Native.Check(Native.pss_cuda_device_count());
    }

    private sealed class Restore(Action restore) : IDisposable
    {
        public void Dispose() => restore();
    }
}
