using static TorchSharp.torch;

namespace TorchSharp.Modules;

public abstract class BatchNorm : NormBase
{
    internal BatchNorm(long num_features, double eps, double momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype, string name)
        : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, name)
    {
    }

    public override Tensor forward(Tensor input)
    {
        ValidateInputDimensions(input);
        var factor = momentum ?? 0;
        if (training && num_batches_tracked is not null)
        {
            using var _ = num_batches_tracked.add_(1);
            // No momentum means the plain average over all batches so far.
            factor = momentum ?? 1.0 / num_batches_tracked.ToDouble();
        }
        var batchStatistics = training || (running_mean is null && running_var is null);
        return nn.functional.batch_norm(input, running_mean, running_var, weight, bias, batchStatistics, factor, eps);
    }
}
