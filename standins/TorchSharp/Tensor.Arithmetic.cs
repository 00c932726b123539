namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor add_(Tensor target) => Ops.AddTensor_.Call([this, target]);

        public Tensor add_(Scalar scalar) => Ops.AddScalar_.Call([this, scalar]);

        public Tensor sub_(Tensor target) => Ops.SubTensor_.Call([this, target]);

        public Tensor mul_(Tensor target) => Ops.MulTensor_.Call([this, target]);

        public Tensor mul_(Scalar target) => Ops.MulScalar_.Call([this, target]);

        public Tensor div(Scalar target, RoundingMode rounding_mode = RoundingMode.None) =>
            Ops.DivScalarMode.Call([this, target, Mode(rounding_mode)]);

        public Tensor div_(Tensor target, RoundingMode rounding_mode = RoundingMode.None) =>
            Ops.DivTensorMode_.Call([this, target, Mode(rounding_mode)]);

        public Tensor div_(Scalar target, RoundingMode rounding_mode = RoundingMode.None) =>
            Ops.DivScalarMode_.Call([this, target, Mode(rounding_mode)]);

        public Tensor floor_divide(Scalar other) => Ops.FloorDivideScalar.Call([this, other]);

        internal Tensor remainder(Scalar scalar) => Ops.RemainderScalar.Call([this, scalar]);

        public Tensor pow(Tensor exponent) => Ops.PowTensor.Call([this, exponent]);

        public Tensor pow(Scalar exponent) => Ops.PowScalar.Call([this, exponent]);

        public Tensor addcmul_(Tensor tensor1, Tensor tensor2, Scalar value) => Ops.Addcmul_.Call([this, tensor1, tensor2, value]);

        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2, Scalar value) => Ops.Addcdiv_.Call([this, tensor1, tensor2, value]);

        internal Tensor neg() => Ops.Neg.Call([this]);

        public Tensor matmul(Tensor target) => Ops.MatMul.Call([this, target]);

        public Tensor mm(Tensor target) => Ops.Mm.Call([this, target]);

        public Tensor bmm(Tensor batch2) => Ops.Bmm.Call([this, batch2]);

        public Tensor dot(Tensor target) => Ops.Dot.Call([this, target]);

        private static string? Mode(RoundingMode mode) => mode == RoundingMode.None ? null : mode.ToString();
    }
}
