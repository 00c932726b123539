namespace TorchSharp;

/// <summary>The operators behind Tensor and torch. A name with a second word is an overload of native_functions.yaml.</summary>
internal static class Ops
{
    // Arithmetic
    internal static readonly Op AddTensor = new("add", "Tensor");
    internal static readonly Op AddScalar = new("add", "Scalar");
    internal static readonly Op AddTensor_ = new("add_", "Tensor");
    internal static readonly Op AddScalar_ = new("add_", "Scalar");
    internal static readonly Op SubTensor = new("sub", "Tensor");
    internal static readonly Op SubScalar = new("sub", "Scalar");
    internal static readonly Op SubTensor_ = new("sub_", "Tensor");
    internal static readonly Op RsubScalar = new("rsub", "Scalar");
    internal static readonly Op MulTensor = new("mul", "Tensor");
    internal static readonly Op MulScalar = new("mul", "Scalar");
    internal static readonly Op MulTensor_ = new("mul_", "Tensor");
    internal static readonly Op MulScalar_ = new("mul_", "Scalar");
    internal static readonly Op DivTensor = new("div", "Tensor");
    internal static readonly Op DivScalar = new("div", "Scalar");
    internal static readonly Op DivScalarMode = new("div", "Scalar_mode");
    internal static readonly Op DivTensorMode_ = new("div_", "Tensor_mode");
    internal static readonly Op DivScalarMode_ = new("div_", "Scalar_mode");
    internal static readonly Op RemainderScalar = new("remainder", "Scalar");
    internal static readonly Op FloorDivideScalar = new("floor_divide", "Scalar");
    internal static readonly Op PowTensor = new("pow", "Tensor_Tensor");
    internal static readonly Op PowScalar = new("pow", "Tensor_Scalar");
    internal static readonly Op Addcmul_ = new("addcmul_");
    internal static readonly Op Addcdiv_ = new("addcdiv_");
    internal static readonly Op Neg = new("neg");

    // Elementwise
    internal static readonly Op Abs = new("abs");
    internal static readonly Op Sign = new("sign");
    internal static readonly Op Exp = new("exp");
    internal static readonly Op Expm1 = new("expm1");
    internal static readonly Op Log = new("log");
    internal static readonly Op Log1p = new("log1p");
    internal static readonly Op Sqrt = new("sqrt");
    internal static readonly Op Square = new("square");
    internal static readonly Op Reciprocal = new("reciprocal");
    internal static readonly Op Sin = new("sin");
    internal static readonly Op Tanh = new("tanh");
    internal static readonly Op Floor = new("floor");
    internal static readonly Op Ceil = new("ceil");
    internal static readonly Op Round = new("round", "decimals");
    internal static readonly Op Sigmoid = new("sigmoid");
    internal static readonly Op Relu = new("relu");
    internal static readonly Op Relu_ = new("relu_");
    internal static readonly Op Clamp = new("clamp");
    internal static readonly Op ClampTensor = new("clamp", "Tensor");
    internal static readonly Op Clamp_ = new("clamp_");
    internal static readonly Op LogAddExp = new("logaddexp");
    internal static readonly Op Maximum = new("maximum");
    internal static readonly Op Minimum = new("minimum");
    internal static readonly Op Softmax = new("softmax", "int");
    internal static readonly Op LogSoftmax = new("log_softmax", "int");
    internal static readonly Op LogSumExp = new("logsumexp");
    internal static readonly Op IsNan = new("isnan");
    internal static readonly Op IsFinite = new("isfinite");
    internal static readonly Op AllClose = new("allclose");
    internal static readonly Op Equal = new("equal");

    // Comparison and logic
    internal static readonly Op EqTensor = new("eq", "Tensor");
    internal static readonly Op EqScalar = new("eq", "Scalar");
    internal static readonly Op NeTensor = new("ne", "Tensor");
    internal static readonly Op NeScalar = new("ne", "Scalar");
    internal static readonly Op LtTensor = new("lt", "Tensor");
    internal static readonly Op LtScalar = new("lt", "Scalar");
    internal static readonly Op LeTensor = new("le", "Tensor");
    internal static readonly Op LeScalar = new("le", "Scalar");
    internal static readonly Op GtTensor = new("gt", "Tensor");
    internal static readonly Op GtScalar = new("gt", "Scalar");
    internal static readonly Op GeTensor = new("ge", "Tensor");
    internal static readonly Op GeScalar = new("ge", "Scalar");
    internal static readonly Op LogicalAnd = new("logical_and");
    internal static readonly Op LogicalOr = new("logical_or");
    internal static readonly Op LogicalXor = new("logical_xor");
    internal static readonly Op LogicalNot = new("logical_not");
    internal static readonly Op BitwiseAnd = new("bitwise_and", "Tensor");
    internal static readonly Op BitwiseOr = new("bitwise_or", "Tensor");
    internal static readonly Op BitwiseNot = new("bitwise_not");
    internal static readonly Op Where = new("where", "self");
    internal static readonly Op WhereIndices = new("where");

    // Reductions
    internal static readonly Op Sum = new("sum");
    internal static readonly Op SumDim = new("sum", "dim_IntList");
    internal static readonly Op Prod = new("prod");
    internal static readonly Op ProdDim = new("prod", "dim_int");
    internal static readonly Op Mean = new("mean");
    internal static readonly Op MeanDim = new("mean", "dim");
    internal static readonly Op Max = new("max");
    internal static readonly Op MaxDim = new("max", "dim");
    internal static readonly Op Min = new("min");
    internal static readonly Op MinDim = new("min", "dim");
    internal static readonly Op Amax = new("amax");
    internal static readonly Op Amin = new("amin");
    internal static readonly Op ArgMax = new("argmax");
    internal static readonly Op ArgMin = new("argmin");
    internal static readonly Op Any = new("any");
    internal static readonly Op AnyDim = new("any", "dim");
    internal static readonly Op All = new("all");
    internal static readonly Op AllDim = new("all", "dim");
    internal static readonly Op Std = new("std");
    internal static readonly Op StdDim = new("std", "dim");
    internal static readonly Op Var = new("var");
    internal static readonly Op VarDim = new("var", "dim");
    internal static readonly Op Norm = new("norm", "Scalar");
    internal static readonly Op NormDim = new("norm", "ScalarOpt_dim");
    internal static readonly Op CumSum = new("cumsum");
    internal static readonly Op CountNonzero = new("count_nonzero", "dim_IntList");
    internal static readonly Op BinCount = new("bincount");
    internal static readonly Op Item = new("item");

    // Order
    internal static readonly Op TopK = new("topk");
    internal static readonly Op SortStable = new("sort", "stable");
    internal static readonly Op ArgSort = new("argsort");
    internal static readonly Op Unique = new("_unique2");
    internal static readonly Op UniqueDim = new("unique_dim");
    internal static readonly Op SearchSorted = new("searchsorted", "Tensor");

    // Indexing
    internal static readonly Op Index = new("index", "Tensor");
    internal static readonly Op IndexPut_ = new("index_put_");
    internal static readonly Op Select = new("select", "int");
    internal static readonly Op Slice = new("slice", "Tensor");
    internal static readonly Op Narrow = new("narrow");
    internal static readonly Op Nonzero = new("nonzero");
    internal static readonly Op MaskedSelect = new("masked_select");
    internal static readonly Op MaskedFill = new("masked_fill", "Scalar");
    internal static readonly Op MaskedFill_ = new("masked_fill_", "Scalar");
    internal static readonly Op Gather = new("gather");
    internal static readonly Op Scatter = new("scatter", "src");
    internal static readonly Op Scatter_ = new("scatter_", "src");
    internal static readonly Op ScatterAdd = new("scatter_add");
    internal static readonly Op IndexSelect = new("index_select");
    internal static readonly Op IndexAdd = new("index_add");

    // Shape
    internal static readonly Op Cat = new("cat");
    internal static readonly Op Stack = new("stack");
    internal static readonly Op Split = new("split", "Tensor");
    internal static readonly Op SplitSizes = new("split_with_sizes");
    internal static readonly Op Chunk = new("chunk");
    internal static readonly Op Unfold = new("unfold");
    internal static readonly Op Unbind = new("unbind", "int");
    internal static readonly Op Repeat = new("repeat");
    internal static readonly Op RepeatInterleave = new("repeat_interleave", "self_int");
    internal static readonly Op Expand = new("expand");
    internal static readonly Op BroadcastTo = new("broadcast_to");
    internal static readonly Op Permute = new("permute");
    internal static readonly Op Transpose = new("transpose", "int");
    internal static readonly Op T = new("t");
    internal static readonly Op Reshape = new("reshape");
    internal static readonly Op View = new("view");
    internal static readonly Op Flatten = new("flatten", "using_ints");
    internal static readonly Op Squeeze = new("squeeze");
    internal static readonly Op SqueezeDim = new("squeeze", "dim");
    internal static readonly Op Unsqueeze = new("unsqueeze");
    internal static readonly Op Flip = new("flip");
    internal static readonly Op Roll = new("roll");
    internal static readonly Op Alias = new("alias");
    internal static readonly Op MeshGrid = new("meshgrid", "indexing");

    // Products
    internal static readonly Op MatMul = new("matmul");
    internal static readonly Op Mm = new("mm");
    internal static readonly Op Bmm = new("bmm");
    internal static readonly Op Dot = new("dot");

    // Storage
    internal static readonly Op Contiguous = new("contiguous");
    internal static readonly Op Clone = new("clone");
    internal static readonly Op Detach = new("detach");
    internal static readonly Op Copy_ = new("copy_");
    internal static readonly Op ToDevice = new("to", "device");
    internal static readonly Op Zero_ = new("zero_");
    internal static readonly Op Fill_ = new("fill_", "Scalar");

    // Creation
    internal static readonly Op Zeros = new("zeros");
    internal static readonly Op Ones = new("ones");
    internal static readonly Op Empty = new("empty", "memory_format");
    internal static readonly Op Full = new("full");
    internal static readonly Op Arange = new("arange", "start_step");
    internal static readonly Op LinSpace = new("linspace");
    internal static readonly Op Eye = new("eye", "m");
    internal static readonly Op Rand = new("rand", "generator");
    internal static readonly Op RandN = new("randn", "generator");
    internal static readonly Op RandInt = new("randint", "low_generator");
    internal static readonly Op RandPerm = new("randperm", "generator");
    internal static readonly Op ZerosLike = new("zeros_like");
    internal static readonly Op OnesLike = new("ones_like");
    internal static readonly Op FullLike = new("full_like");
    internal static readonly Op Uniform_ = new("uniform_");
    internal static readonly Op Normal_ = new("normal_");
}
