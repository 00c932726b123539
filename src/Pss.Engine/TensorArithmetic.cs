using TorchSharp;
using static TorchSharp.torch;

// The only place that may make Scalars; BannedSymbols.txt bans them in every other file.
#pragma warning disable RS0030

namespace Pss.Engine;

/// <summary>
/// Arithmetic of a tensor and a number, and sums of tensors. TorchSharp's operators make a Scalar of the number (in a sum: of the factor 1)
/// and drop it once its handle is read: a garbage collection on another thread can then free it during the native call, which fails or,
/// worse, uses another number. Here the Scalar lives until the call returns. Operators that make no Scalar are safe: a - b, a * b,
/// a / b, -a, a &amp; b, and comparisons of two tensors. Results have the tensor's shape and belong to the current dispose scope; overloads
/// for whole numbers keep the type of integer tensors.
/// </summary>
internal static class TensorArithmetic
{
    private static readonly Scalar One = 1;

    extension(Tensor tensor)
    {
        /// <summary>Float32 of a half-precision tensor; any other tensor itself.</summary>
        public Tensor ToFloat32() => tensor.dtype is ScalarType.Float16 or ScalarType.BFloat16 ? tensor.to(ScalarType.Float32) : tensor;

        /// <summary>tensor + other; shapes broadcast.</summary>
        public Tensor Plus(Tensor other) => tensor.add(other, One);

        /// <summary>tensor + factor * other; shapes broadcast.</summary>
        public Tensor Plus(Tensor other, double factor)
        {
            using Scalar scalar = factor;
            return tensor.add(other, scalar);
        }

        /// <summary>tensor + number.</summary>
        public Tensor Plus(double number)
        {
            using Scalar scalar = number;
            return tensor.add(scalar, One);
        }

        /// <summary>tensor + number.</summary>
        public Tensor Plus(long number)
        {
            using Scalar scalar = number;
            return tensor.add(scalar, One);
        }

        /// <summary>tensor * number.</summary>
        public Tensor Times(double number)
        {
            using Scalar scalar = number;
            return tensor.mul(scalar);
        }

        /// <summary>tensor * number.</summary>
        public Tensor Times(long number)
        {
            using Scalar scalar = number;
            return tensor.mul(scalar);
        }

        /// <summary>tensor / number.</summary>
        public Tensor Over(double number)
        {
            using Scalar scalar = number;
            return tensor.div(scalar);
        }

        /// <summary>tensor / number, rounded down.</summary>
        public Tensor FloorOver(long number)
        {
            using Scalar scalar = number;
            return tensor.div(scalar, RoundingMode.floor);
        }

        /// <summary>Each element raised to the exponent.</summary>
        public Tensor Power(double exponent)
        {
            using Scalar scalar = exponent;
            return tensor.pow(scalar);
        }

        /// <summary>The larger of element and least.</summary>
        public Tensor AtLeast(double least)
        {
            using Scalar scalar = least;
            return tensor.clamp(min: scalar);
        }

        /// <summary>The larger of element and least.</summary>
        public Tensor AtLeast(long least)
        {
            using Scalar scalar = least;
            return tensor.clamp(min: scalar);
        }

        /// <summary>Each element clamped to the range from least to most.</summary>
        public Tensor Within(double least, double most)
        {
            using Scalar low = least, high = most;
            return tensor.clamp(low, high);
        }

        /// <summary>The number where the mask is true, the element elsewhere.</summary>
        public Tensor Masked(Tensor mask, double number)
        {
            using Scalar scalar = number;
            return tensor.masked_fill(mask, scalar);
        }

        /// <summary>The number where the mask is true, the element elsewhere.</summary>
        public Tensor Masked(Tensor mask, long number)
        {
            using Scalar scalar = number;
            return tensor.masked_fill(mask, scalar);
        }

        /// <summary>True where the element is the number.</summary>
        public Tensor IsEqualTo(double number)
        {
            using Scalar scalar = number;
            return tensor.eq(scalar);
        }

        /// <summary>True where the element is the number.</summary>
        public Tensor IsEqualTo(long number)
        {
            using Scalar scalar = number;
            return tensor.eq(scalar);
        }

        /// <summary>True where the element is larger than the number.</summary>
        public Tensor IsAbove(double number)
        {
            using Scalar scalar = number;
            return tensor.gt(scalar);
        }

        /// <summary>True where the element is the number or larger.</summary>
        public Tensor IsAtLeast(long number)
        {
            using Scalar scalar = number;
            return tensor.ge(scalar);
        }

        /// <summary>True where the element is smaller than the number.</summary>
        public Tensor IsBelow(long number)
        {
            using Scalar scalar = number;
            return tensor.lt(scalar);
        }

        /// <summary>Adds other to the tensor itself; other broadcasts.</summary>
        public Tensor AddInPlace(Tensor other) => tensor.add_(other, One);

        /// <summary>Adds factor * other to the tensor itself; other broadcasts.</summary>
        public Tensor AddInPlace(Tensor other, double factor)
        {
            using Scalar scalar = factor;
            return tensor.add_(other, scalar);
        }

        /// <summary>Adds the number to the tensor itself.</summary>
        public Tensor AddInPlace(long number)
        {
            using Scalar scalar = number;
            return tensor.add_(scalar, One);
        }

        /// <summary>Multiplies the tensor itself.</summary>
        public Tensor MultiplyInPlace(double number)
        {
            using Scalar scalar = number;
            return tensor.mul_(scalar);
        }

        /// <summary>Adds factor * first * second to the tensor itself.</summary>
        public Tensor AddProductInPlace(Tensor first, Tensor second, double factor)
        {
            using Scalar scalar = factor;
            return tensor.addcmul_(first, second, scalar);
        }

        /// <summary>Adds factor * dividend / divisor to the tensor itself.</summary>
        public Tensor AddQuotientInPlace(Tensor dividend, Tensor divisor, double factor)
        {
            using Scalar scalar = factor;
            return tensor.addcdiv_(dividend, divisor, scalar);
        }

        /// <summary>Moves the tensor itself towards other: tensor + share * (other - tensor).</summary>
        public Tensor MoveTowards(Tensor other, double share)
        {
            using var way = other - tensor;
            return tensor.AddInPlace(way, share);
        }

        /// <summary>Sets each element of the tensor itself to the number, without gradient.</summary>
        public Tensor SetTo(double number)
        {
            using Scalar scalar = number;
            return nn.init.constant_(tensor, scalar);
        }
    }

    extension(Tensor)
    {
        /// <summary>0, 1, 2, ..., [count].</summary>
        public static Tensor Indices(long count, Device device, ScalarType dtype = ScalarType.Int64)
        {
            using Scalar start = 0, stop = count;
            return arange(start, stop, One, dtype, device);
        }

        /// <summary>The same number everywhere, [count].</summary>
        public static Tensor Constant(long count, double number, Device device, ScalarType dtype)
        {
            using Scalar scalar = number;
            return full(count, scalar, dtype, device);
        }
    }
}
