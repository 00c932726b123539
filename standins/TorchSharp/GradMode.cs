namespace TorchSharp;

public static partial class torch
{
    public static IDisposable no_grad() => new GradMode(false);

    public static IDisposable enable_grad(bool enabled = true) => new GradMode(enabled);

    public static IDisposable set_grad_enabled(bool mode = true) => new GradMode(mode);

    public static IDisposable inference_mode(bool mode = true) => new InferenceMode(mode);

    public static bool is_grad_enabled() => Native.pss_grad_enabled() != 0;

    public static bool is_inference_mode_enabled() => Native.pss_inference_enabled() != 0;

    private sealed class GradMode : IDisposable
    {
        private readonly int before = Native.pss_grad_enabled();

        internal GradMode(bool enabled) => Native.pss_set_grad_enabled(enabled ? 1 : 0);

        public void Dispose() => Native.pss_set_grad_enabled(before);
    }

    private sealed class InferenceMode(bool enabled) : IDisposable
    {
        private nint mode = Native.Check(Native.pss_enter_inference(enabled ? 1 : 0));

        public void Dispose()
        {
            Native.pss_leave_inference(mode);
            mode = 0;
        }
    }
}
