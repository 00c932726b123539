namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            private static readonly long[] OneOne = [1, 1];
            private static readonly long[] ZeroZero = [0, 0];
            private static readonly Op Conv2dOp = new("conv2d");
            private static readonly Op Conv2dPaddingOp = new("conv2d", "padding");
            private static readonly Op BatchNormOp = new("batch_norm");
            private static readonly Op GroupNormOp = new("group_norm");
            private static readonly Op MaxPool2dOp = new("max_pool2d");
            private static readonly Op AvgPool2dOp = new("avg_pool2d");

            public static Tensor conv2d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null,
                long[]? dilation = null, long groups = 1)
                => Conv2dOp.Call([input, weight, bias, strides ?? OneOne, padding ?? ZeroZero, dilation ?? OneOne, groups]);

            internal static Tensor conv2d_padding(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, Padding padding = Padding.Valid,
                long[]? dilation = null, long groups = 1)
                => Conv2dPaddingOp.Call([input, weight, bias, strides ?? OneOne, padding == Padding.Same ? "same" : "valid", dilation ?? OneOne, groups]);

            public static Tensor batch_norm(Tensor input, Tensor? running_mean, Tensor? running_var, Tensor? weight = null, Tensor? bias = null,
                bool training = false, double momentum = 0.1, double eps = 1e-05)
                => BatchNormOp.Call([input, weight, bias, running_mean, running_var, training, momentum, eps, true]);

            public static Tensor group_norm(Tensor input, long num_groups, Tensor? weight = null, Tensor? bias = null, double eps = 1e-05)
                => GroupNormOp.Call([input, num_groups, weight, bias, eps]);

            public static Tensor max_pool2d(Tensor input, long kernel_size, long? stride = null, long? padding = null, long? dilation = null,
                bool ceil_mode = false)
            {
                var (s, p, d) = (stride ?? kernel_size, padding ?? 0, dilation ?? 1);
                return MaxPool2dOp.Call([input, new[] { kernel_size, kernel_size }, new[] { s, s }, new[] { p, p }, new[] { d, d }, ceil_mode]);
            }

            public static Tensor avg_pool2d(Tensor input, long kernel_size, long? stride = null, long padding = 0, bool ceil_mode = false,
                bool count_include_pad = true, long? divisor_override = null)
            {
                var s = stride ?? kernel_size;
                return AvgPool2dOp.Call([input, new[] { kernel_size, kernel_size }, new[] { s, s }, new[] { padding, padding }, ceil_mode, count_include_pad,
                    divisor_override]);
            }
        }
    }
}
