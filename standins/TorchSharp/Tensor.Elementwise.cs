namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor abs() => Ops.Abs.Call([this]);

        public Tensor sign() => Ops.Sign.Call([this]);

        public Tensor exp() => Ops.Exp.Call([this]);

        public Tensor expm1() => Ops.Expm1.Call([this]);

        public Tensor log() => Ops.Log.Call([this]);

        public Tensor log1p() => Ops.Log1p.Call([this]);

        public Tensor sqrt() => Ops.Sqrt.Call([this]);

        public Tensor square() => Ops.Square.Call([this]);

        internal Tensor reciprocal() => Ops.Reciprocal.Call([this]);

        public Tensor sin() => Ops.Sin.Call([this]);

        public Tensor tanh() => Ops.Tanh.Call([this]);

        public Tensor floor() => Ops.Floor.Call([this]);

        public Tensor ceil() => Ops.Ceil.Call([this]);

        public Tensor sigmoid() => Ops.Sigmoid.Call([this]);

        public Tensor relu() => Ops.Relu.Call([this]);

        public Tensor relu_() => Ops.Relu_.Call([this]);

        public Tensor isnan() => Ops.IsNan.Call([this]);

        public Tensor isfinite() => Ops.IsFinite.Call([this]);

        public Tensor logical_not() => Ops.LogicalNot.Call([this]);

        internal Tensor bitwise_not() => Ops.BitwiseNot.Call([this]);

        public Tensor round(long decimals = 0L) => Ops.Round.Call([this, decimals]);

        public Tensor clamp(Scalar? min = null, Scalar? max = null) => Ops.Clamp.Call([this, min, max]);

        public Tensor clamp(Tensor? min = null, Tensor? max = null) => Ops.ClampTensor.Call([this, min, max]);

        public Tensor clamp_(Scalar? min = null, Scalar? max = null) => Ops.Clamp_.Call([this, min, max]);

        public Tensor logaddexp(Tensor other) => Ops.LogAddExp.Call([this, other]);

        public Tensor maximum(Tensor other) => Ops.Maximum.Call([this, other]);

        public Tensor minimum(Tensor other) => Ops.Minimum.Call([this, other]);

        public Tensor softmax(long dim, ScalarType? dtype = null) => Ops.Softmax.Call([this, dim, dtype]);

        public Tensor log_softmax(long dim, ScalarType? dtype = null) => Ops.LogSoftmax.Call([this, dim, dtype]);

        public bool allclose(Tensor target, double rtol = 1e-5, double atol = 1e-8, bool equal_nan = false) =>
            Ops.AllClose.CallBool([this, target, rtol, atol, equal_nan]);

        public Tensor eq(Tensor target) => Ops.EqTensor.Call([this, target]);

        public Tensor eq(Scalar target) => Ops.EqScalar.Call([this, target]);

        internal Tensor ne(Tensor target) => Ops.NeTensor.Call([this, target]);

        internal Tensor ne(Scalar target) => Ops.NeScalar.Call([this, target]);

        internal Tensor lt(Tensor target) => Ops.LtTensor.Call([this, target]);

        internal Tensor lt(Scalar target) => Ops.LtScalar.Call([this, target]);

        internal Tensor le(Tensor target) => Ops.LeTensor.Call([this, target]);

        internal Tensor le(Scalar target) => Ops.LeScalar.Call([this, target]);

        internal Tensor gt(Tensor target) => Ops.GtTensor.Call([this, target]);

        public Tensor gt(Scalar target) => Ops.GtScalar.Call([this, target]);

        internal Tensor ge(Tensor target) => Ops.GeTensor.Call([this, target]);

        public Tensor ge(Scalar target) => Ops.GeScalar.Call([this, target]);

        internal Tensor logical_and(Tensor other) => Ops.LogicalAnd.Call([this, other]);

        internal Tensor logical_or(Tensor other) => Ops.LogicalOr.Call([this, other]);

        internal Tensor logical_xor(Tensor other) => Ops.LogicalXor.Call([this, other]);

        internal Tensor bitwise_and(Tensor other) => Ops.BitwiseAnd.Call([this, other]);

        internal Tensor bitwise_or(Tensor other) => Ops.BitwiseOr.Call([this, other]);
    }
}
