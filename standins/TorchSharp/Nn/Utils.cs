using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static class utils
        {
            public static double clip_grad_norm_(IEnumerable<Parameter> tensors, double max_norm, double norm_type = 2)
            {
                using var scope = NewDisposeScope();
                using var _ = no_grad();
                var grads = tensors.Select(p => p.grad).OfType<Tensor>().ToList();
                if (grads.Count == 0) return 0;
                var total = Foreach.Norm(grads, norm_type);
                var factor = max_norm / (total + 1e-6);
                // A norm that is not a number spoils the gradients, as it does in the real one.
                if (!(factor >= 1)) Foreach.Multiply(grads, factor);
                return total;
            }
        }
    }
}
