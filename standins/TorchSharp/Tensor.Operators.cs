namespace TorchSharp;

public static partial class torch
{
    // The operators on tensors and scalars. C# resolves `t * 2` by the type of the number, so each has its own overload.
    public partial class Tensor
    {
        public static Tensor operator +(Tensor left, Tensor right) => Ops.AddTensor.Call([left, right]);

        public static Tensor operator +(Tensor left, int right) => Ops.AddScalar.Call([left, (long)right]);

        public static Tensor operator +(Tensor left, long right) => Ops.AddScalar.Call([left, right]);

        public static Tensor operator +(Tensor left, double right) => Ops.AddScalar.Call([left, right]);

        public static Tensor operator +(int left, Tensor right) => right + left;

        public static Tensor operator +(long left, Tensor right) => right + left;

        public static Tensor operator +(double left, Tensor right) => right + left;

        public static Tensor operator -(Tensor tensor) => tensor.neg();

        public static Tensor operator -(Tensor left, Tensor right) => Ops.SubTensor.Call([left, right]);

        public static Tensor operator -(Tensor left, int right) => Ops.SubScalar.Call([left, (long)right]);

        public static Tensor operator -(Tensor left, long right) => Ops.SubScalar.Call([left, right]);

        public static Tensor operator -(Tensor left, double right) => Ops.SubScalar.Call([left, right]);

        public static Tensor operator -(int left, Tensor right) => Ops.RsubScalar.Call([right, (long)left]);

        public static Tensor operator -(long left, Tensor right) => Ops.RsubScalar.Call([right, left]);

        public static Tensor operator -(double left, Tensor right) => Ops.RsubScalar.Call([right, left]);

        public static Tensor operator *(Tensor left, Tensor right) => Ops.MulTensor.Call([left, right]);

        public static Tensor operator *(Tensor left, int right) => Ops.MulScalar.Call([left, (long)right]);

        public static Tensor operator *(Tensor left, long right) => Ops.MulScalar.Call([left, right]);

        public static Tensor operator *(Tensor left, float right) => Ops.MulScalar.Call([left, (double)right]);

        public static Tensor operator *(Tensor left, double right) => Ops.MulScalar.Call([left, right]);

        public static Tensor operator *(int left, Tensor right) => right * left;

        public static Tensor operator *(long left, Tensor right) => right * left;

        public static Tensor operator *(double left, Tensor right) => right * left;

        public static Tensor operator /(Tensor left, Tensor right) => Ops.DivTensor.Call([left, right]);

        public static Tensor operator /(Tensor left, int right) => Ops.DivScalar.Call([left, (long)right]);

        public static Tensor operator /(Tensor left, long right) => Ops.DivScalar.Call([left, right]);

        public static Tensor operator /(Tensor left, double right) => Ops.DivScalar.Call([left, right]);

        public static Tensor operator /(int left, Tensor right) => Inverse(right, (long)left);

        public static Tensor operator /(long left, Tensor right) => Inverse(right, left);

        public static Tensor operator /(double left, Tensor right) => Inverse(right, left);

        public static Tensor operator %(Tensor left, int right) => left.remainder(right);

        public static Tensor operator &(Tensor left, Tensor right) => left.bitwise_and(right);

        public static Tensor operator |(Tensor left, Tensor right) => left.bitwise_or(right);

        public static Tensor operator ~(Tensor left) => left.bitwise_not();

        public static Tensor operator ==(Tensor left, Tensor right) => left.eq(right);

        public static Tensor operator ==(Tensor left, Scalar right) => left.eq(right);

        public static Tensor operator ==(Scalar left, Tensor right) => right.eq(left);

        public static Tensor operator !=(Tensor left, Tensor right) => left.ne(right);

        public static Tensor operator !=(Tensor left, Scalar right) => left.ne(right);

        public static Tensor operator !=(Scalar left, Tensor right) => right.ne(left);

        public static Tensor operator <(Tensor left, Tensor right) => left.lt(right);

        public static Tensor operator <(Tensor left, Scalar right) => left.lt(right);

        public static Tensor operator <(Scalar left, Tensor right) => right.gt(left);

        public static Tensor operator <=(Tensor left, Tensor right) => left.le(right);

        public static Tensor operator <=(Tensor left, Scalar right) => left.le(right);

        public static Tensor operator <=(Scalar left, Tensor right) => right.ge(left);

        public static Tensor operator >(Tensor left, Tensor right) => left.gt(right);

        public static Tensor operator >(Tensor left, Scalar right) => left.gt(right);

        public static Tensor operator >(Scalar left, Tensor right) => right.lt(left);

        public static Tensor operator >=(Tensor left, Tensor right) => left.ge(right);

        public static Tensor operator >=(Tensor left, Scalar right) => left.ge(right);

        public static Tensor operator >=(Scalar left, Tensor right) => right.le(left);

        public static implicit operator Tensor(long value) => tensor(value);

        public static implicit operator Tensor(Scalar scalar) => full([], scalar);

        public static explicit operator bool(Tensor value) => value.ToBoolean();

        public static explicit operator int(Tensor value) => value.ToInt32();

        public static explicit operator long(Tensor value) => value.ToInt64();

        public static explicit operator float(Tensor value) => value.ToSingle();

        public static explicit operator double(Tensor value) => value.ToDouble();

        private static Tensor Inverse(Tensor tensor, Arg numerator)
        {
            using var inverse = tensor.reciprocal();
            return Ops.MulScalar.Call([inverse, numerator]);
        }
    }
}
