using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>The kinds of values that cross into libtorch's dispatcher; mirrored by Tag in pss_torch.cpp.</summary>
internal enum ValueTag
{
    None,
    Tensor,
    Int,
    Double,
    Bool,
    IntList,
    DoubleList,
    TensorList,
    OptionalTensorList,
    String,
    Device,
    Generator,
}

/// <summary>One argument or result as the native side sees it; mirrored by Value in pss_torch.cpp.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct NativeValue
{
    [FieldOffset(0)] public ValueTag Tag;
    [FieldOffset(4)] public int Length;
    [FieldOffset(8)] public long Integer;
    [FieldOffset(8)] public nint Pointer;
}
