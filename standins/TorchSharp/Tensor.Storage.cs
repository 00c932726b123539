namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor to(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Move(type, device, copy, disposeAfter, non_blocking);

        public Tensor to(Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Move(dtype, device, copy, disposeAfter, non_blocking);

        internal Tensor to(ScalarType type, Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Move(type, device, copy, disposeAfter, non_blocking);

        public Tensor to(string device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Move(dtype, new(device), copy, disposeAfter, non_blocking);

        public Tensor cpu() => to(CPU);

        public Tensor cuda(Device? device = null, bool non_blocking = false) => to(device ?? CUDA, non_blocking: non_blocking);

        public Tensor half() => to(ScalarType.Float16);

        public Tensor bfloat16() => to(ScalarType.BFloat16);

        public Tensor @float() => to(ScalarType.Float32);

        public Tensor contiguous() => Ops.Contiguous.Call([this]);

        public Tensor clone() => Ops.Clone.Call([this]);

        public Tensor copy_(Tensor source, bool nonBlocking = false) => Ops.Copy_.Call([this, source, nonBlocking]);

        public Tensor zero_() => Ops.Zero_.Call([this]);

        public Tensor fill_(Scalar value) => Ops.Fill_.Call([this, value]);

        public Tensor uniform_(double from, double to, Generator? generator = null) => Ops.Uniform_.Call([this, from, to, generator]);

        public Tensor normal_(double mean = 0d, double std = 1d, Generator? generator = null) =>
            Ops.Normal_.Call([this, mean, std, generator]);

        internal Tensor zeros_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Ops.ZerosLike.Call([this, dtype, Arg.None, device]).requires_grad_(requires_grad);

        internal Tensor ones_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Ops.OnesLike.Call([this, dtype, Arg.None, device]).requires_grad_(requires_grad);

        internal Tensor full_like(Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Ops.FullLike.Call([this, value, dtype, Arg.None, device]).requires_grad_(requires_grad);
    }
}
