using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace TorchSharp;

/// <summary>
/// One operator of libtorch and the only door to it. Name and overload are those of native_functions.yaml
/// ("aten::add", "Tensor"); the handle is looked up at the first call and kept.
/// <code>
/// private static readonly Op Conv2d = new("conv2d");
/// Tensor y = Conv2d.Call([x, weight, bias, strides, padding, dilation, groups]);   // one tensor
/// var (values, indices) = TopK.Call2([x, k, dim, largest, sorted]);               // a pair; Call3: three
/// Tensor[] parts = Split.CallList([x, sizes, dim]);                                // Tensor[]
/// bool same = Equal.CallBool([x, y]);                                              // bool, int or float
/// </code>
/// Arguments are given in the schema's order in a collection expression (it lives on the stack); those left out at the
/// end take the schema's defaults; null is None. Tensor lists: <see cref="Arg.List"/>, <see cref="Arg.OptionalList"/>.
/// In-place operators return a new wrapper over the same tensor. Errors are thrown as ExternalException with libtorch's message.
/// Every tensor returned joins the thread's current dispose scope.
/// </summary>
internal sealed unsafe class Op(string name, string overload = "")
{
    private const int MaxStackWords = 128;
    private nint handle;

    internal torch.Tensor Call(ReadOnlySpan<Arg> arguments)
    {
        NativeValue result;
        Invoke(arguments, &result, 1);
        return new torch.Tensor(result.Pointer);
    }

    internal (torch.Tensor, torch.Tensor) Call2(ReadOnlySpan<Arg> arguments)
    {
        var results = stackalloc NativeValue[2];
        Invoke(arguments, results, 2);
        return (new(results[0].Pointer), new(results[1].Pointer));
    }

    internal (torch.Tensor, torch.Tensor, torch.Tensor) Call3(ReadOnlySpan<Arg> arguments)
    {
        var results = stackalloc NativeValue[3];
        Invoke(arguments, results, 3);
        return (new(results[0].Pointer), new(results[1].Pointer), new(results[2].Pointer));
    }

    internal torch.Tensor[] CallList(ReadOnlySpan<Arg> arguments)
    {
        NativeValue result;
        Invoke(arguments, &result, 1);
        var tensors = new torch.Tensor[result.Length];
        for (var i = 0; i < tensors.Length; i++) tensors[i] = new(((nint*)result.Pointer)[i]);
        Native.pss_free(result.Pointer);
        return tensors;
    }

    internal bool CallBool(ReadOnlySpan<Arg> arguments) => CallScalar(arguments).Integer != 0;

    internal NativeValue CallScalar(ReadOnlySpan<Arg> arguments)
    {
        NativeValue result;
        Invoke(arguments, &result, 1);
        return result;
    }

    [SkipLocalsInit]
    private void Invoke(ReadOnlySpan<Arg> arguments, NativeValue* results, int capacity)
    {
        var op = handle;
        if (op == 0) op = handle = Find();
        var total = 0;
        foreach (ref readonly var argument in arguments) total += argument.Words;
        var native = stackalloc NativeValue[arguments.Length];
        var stack = stackalloc long[MaxStackWords];
        // Pinned for good, so no pin is needed: large lists are rare.
        var heap = total <= MaxStackWords ? null : GC.AllocateUninitializedArray<long>(total, pinned: true);
        var words = heap is null ? stack : (long*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(heap));
        for (var i = 0; i < arguments.Length; i++) words = arguments[i].Write(&native[i], words);
        Native.Check(Native.pss_call(op, native, arguments.Length, results, capacity));
        GC.KeepAlive(heap);
    }

    private nint Find()
    {
        fixed (byte* n = Encoding.UTF8.GetBytes("aten::" + name + '\0'))
        fixed (byte* o = Encoding.UTF8.GetBytes(overload + '\0'))
        {
            return Native.Check(Native.pss_op(n, o));
        }
    }
}
