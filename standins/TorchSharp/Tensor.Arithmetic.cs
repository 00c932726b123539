namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor add(Tensor target) => Ops.AddTensor.Call([this, target]);

        public Tensor add(Tensor target, Scalar alpha) => Ops.AddTensor.Call([this, target, alpha]);

        public Tensor add(Scalar scalar) => Ops.AddScalar.Call([this, scalar]);

        public Tensor add_(Tensor target) => Ops.AddTensor_.Call([this, target]);

        public Tensor add_(Tensor target, Scalar alpha) => Ops.AddTensor_.Call([this, target, alpha]);

        public Tensor add_(Scalar scalar) => Ops.AddScalar_.Call([this, scalar]);

        public Tensor sub(Tensor target) => Ops.SubTensor.Call([this, target]);

        public Tensor sub(Scalar target) => Ops.SubScalar.Call([this, target]);

        public Tensor sub_(Tensor target) => Ops.SubTensor_.Call([this, target]);

        public Tensor sub_(Scalar target) => Ops.SubScalar_.Call([this, target]);

        public Tensor mul(Tensor target) => Ops.MulTensor.Call([this, target]);

        public Tensor mul(Scalar target) => Ops.MulScalar.Call([this, target]);

        public Tensor mul_(Tensor target) => Ops.MulTensor_.Call([this, target]);

        public Tensor mul_(Scalar target) => Ops.MulScalar_.Call([this, target]);

        public Tensor div(Tensor target, RoundingMode rounding_mode = RoundingMode.None) =>
            Ops.DivTensorMode.Call([this, target, Mode(rounding_mode)]);

        public Tensor div(Scalar target, RoundingMode rounding_mode = RoundingMode.None) =>
            Ops.DivScalarMode.Call([this, target, Mode(rounding_mode)]);

        public Tensor div_(Tensor target, RoundingMode rounding_mode = RoundingMode.None) =>
            Ops.DivTensorMode_.Call([this, target, Mode(rounding_mode)]);

        public Tensor div_(Scalar target, RoundingMode rounding_mode = RoundingMode.None) =>
            Ops.DivScalarMode_.Call([this, target, Mode(rounding_mode)]);

        public Tensor floor_divide(Tensor other) => Ops.FloorDivideTensor.Call([this, other]);

        public Tensor floor_divide(Scalar other) => Ops.FloorDivideScalar.Call([this, other]);

        public Tensor remainder(Tensor target) => Ops.RemainderTensor.Call([this, target]);

        public Tensor remainder(Scalar scalar) => Ops.RemainderScalar.Call([this, scalar]);

        public Tensor pow(Tensor exponent) => Ops.PowTensor.Call([this, exponent]);

        public Tensor pow(Scalar exponent) => Ops.PowScalar.Call([this, exponent]);

        public Tensor addcmul_(Tensor tensor1, Tensor tensor2, Scalar value) => Ops.Addcmul_.Call([this, tensor1, tensor2, value]);

        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2, Scalar value) => Ops.Addcdiv_.Call([this, tensor1, tensor2, value]);

        public Tensor lerp(Tensor end, Tensor weight) => Ops.Lerp.Call([this, end, weight]);

        public Tensor neg() => Ops.Neg.Call([this]);

        public Tensor neg_() => Ops.Neg_.Call([this]);

        public Tensor atan2(Tensor other) => Ops.Atan2.Call([this, other]);

        public Tensor matmul(Tensor target) => Ops.MatMul.Call([this, target]);

        public Tensor mm(Tensor target) => Ops.Mm.Call([this, target]);

        public Tensor bmm(Tensor batch2) => Ops.Bmm.Call([this, batch2]);

        public Tensor dot(Tensor target) => Ops.Dot.Call([this, target]);

        public Tensor outer(Tensor vec2) => Ops.Outer.Call([this, vec2]);

        private static string? Mode(RoundingMode mode) => mode == RoundingMode.None ? null : mode.ToString();
    }
}
