using static TorchSharp.torch;

namespace TorchSharp;

// libtorch's operators over lists of tensors: one call for all parameters of a model, one kernel launch where the device can.
internal static class Foreach
{
    private static readonly Op ZeroAll = new("_foreach_zero_");
    private static readonly Op AddAll = new("_foreach_add_", "List");
    private static readonly Op AddNumber = new("_foreach_add_", "Scalar");
    private static readonly Op Sums = new("_foreach_add", "List");
    private static readonly Op MultiplyAll = new("_foreach_mul_", "Scalar");
    private static readonly Op Products = new("_foreach_mul", "Scalar");
    private static readonly Op DivideAll = new("_foreach_div_", "Scalar");
    private static readonly Op AddProducts = new("_foreach_addcmul_", "Scalar");
    private static readonly Op AddQuotients = new("_foreach_addcdiv_", "Scalar");
    private static readonly Op Roots = new("_foreach_sqrt");
    private static readonly Op Norms = new("_foreach_norm", "Scalar");
    private static readonly Op NormOfVector = new("linalg_vector_norm");
    private static readonly Op Stack = new("stack");

    internal static void Zero(IReadOnlyList<Tensor> tensors)
    {
        if (tensors.Count > 0) ZeroAll.CallScalar([Arg.List(tensors)]);
    }

    internal static void Add(IReadOnlyList<Tensor> tensors, IReadOnlyList<Tensor> others, double alpha)
        => AddAll.CallScalar([Arg.List(tensors), Arg.List(others), alpha]);

    internal static void Add(IReadOnlyList<Tensor> tensors, double value) => AddNumber.CallScalar([Arg.List(tensors), value]);

    internal static Tensor[] Sum(IReadOnlyList<Tensor> tensors, IReadOnlyList<Tensor> others, double alpha)
        => Sums.CallList([Arg.List(tensors), Arg.List(others), alpha]);

    internal static void Multiply(IReadOnlyList<Tensor> tensors, double factor) => MultiplyAll.CallScalar([Arg.List(tensors), factor]);

    internal static Tensor[] Product(IReadOnlyList<Tensor> tensors, double factor) => Products.CallList([Arg.List(tensors), factor]);

    internal static void Divide(IReadOnlyList<Tensor> tensors, double divisor) => DivideAll.CallScalar([Arg.List(tensors), divisor]);

    internal static void AddProduct(IReadOnlyList<Tensor> tensors, IReadOnlyList<Tensor> left, IReadOnlyList<Tensor> right, double value)
        => AddProducts.CallScalar([Arg.List(tensors), Arg.List(left), Arg.List(right), value]);

    internal static void AddQuotient(IReadOnlyList<Tensor> tensors, IReadOnlyList<Tensor> left, IReadOnlyList<Tensor> right, double value)
        => AddQuotients.CallScalar([Arg.List(tensors), Arg.List(left), Arg.List(right), value]);

    internal static Tensor[] Root(IReadOnlyList<Tensor> tensors) => Roots.CallList([Arg.List(tensors)]);

    internal static double Norm(IReadOnlyList<Tensor> tensors, double order)
        => NormOfVector.Call([Stack.Call([Arg.List(Norms.CallList([Arg.List(tensors), order]))]), order]).ToDouble();
}
