namespace TorchSharp;

public static partial class torch
{
    internal static Tensor full(
        long[] size, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Create(Ops.Full.Call([size, value, dtype ?? Infer(value), Arg.None, device]), requires_grad, names);

    public static Tensor full(
        ReadOnlySpan<long> size, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        full(size.ToArray(), value, dtype, device, requires_grad, names);

    public static Tensor full(
        long size, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        full((long[])[size], value, dtype, device, requires_grad, names);

    public static Tensor full(
        long rows, long columns, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        full((long[])[rows, columns], value, dtype, device, requires_grad, names);

    public static Tensor full(
        long dim0, long dim1, long dim2, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        full((long[])[dim0, dim1, dim2], value, dtype, device, requires_grad, names);

    public static Tensor arange(Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        arange(0, stop, 1, dtype, device, requires_grad);

    public static Tensor arange(
        Scalar start, Scalar stop, Scalar step, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Create(Ops.Arange.Call([start, stop, step, dtype ?? Infer(start, stop, step), Arg.None, device]), requires_grad, null);

    public static Tensor linspace(
        double start, double end, long steps, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Create(Ops.LinSpace.Call([start, end, steps, dtype, Arg.None, device]), requires_grad, null);

    public static Tensor eye(
        long rows, long columns = -1L, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Create(Ops.Eye.Call([rows, columns < 0 ? rows : columns, dtype, Arg.None, device]), requires_grad, names);

    public static Tensor zeros_like(
        Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Create(input.zeros_like(dtype, device, requires_grad), requires_grad, names);

    public static Tensor ones_like(
        Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Create(input.ones_like(dtype, device, requires_grad), requires_grad, names);

    public static Tensor full_like(
        Tensor input, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Create(input.full_like(value, dtype, device, requires_grad), requires_grad, names);

    public static Tensor[] meshgrid(IEnumerable<Tensor> tensors, string indexing = "ij") =>
        Ops.MeshGrid.CallList([Arg.List(tensors), indexing]);

    private static ScalarType Infer(params Scalar[] values) =>
        Array.TrueForAll(values, v => is_integral(v.Type)) ? ScalarType.Int64 : ScalarType.Float32;

    private static Tensor Create(Tensor tensor, bool requires_grad, string[]? names) =>
        names is null ? requires_grad ? tensor.requires_grad_() : tensor : throw new NotSupportedException("Named tensors are not supported.");
}
