using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace TorchSharp;

/// <summary>The C interface of libpss_torch.so. A tensor handle is an owned reference; -1 or null means that <see cref="Error"/> has a message.</summary>
internal static unsafe partial class Native
{
    private const string Library = "pss_torch";

    static Native()
    {
        try
        {
            NativeLibrary.Load(Library, typeof(Native).Assembly, null);
        }
        catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
        {
            throw new DllNotFoundException("libpss_torch.so or the libtorch under it is missing or damaged: run './build.sh test' once, which builds it.", error);
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct Info
    {
        public long Dim;
        public long Numel;
        public int DType;
        public int DeviceType;
        public int DeviceIndex;
        public int Contiguous;
    }

    [DllImport(Library), SuppressGCTransition] internal static extern byte* pss_error();
    [DllImport(Library)] internal static extern nint pss_op(byte* name, byte* overload);
    [DllImport(Library)] internal static extern int pss_call(nint op, NativeValue* arguments, int count, NativeValue* results, int capacity);
    [DllImport(Library)] internal static extern void pss_free(nint memory);
    [DllImport(Library)] internal static extern void pss_release(nint tensor);
    [DllImport(Library), SuppressGCTransition] internal static extern int pss_info(nint tensor, Info* info);
    [DllImport(Library), SuppressGCTransition] internal static extern int pss_shape(nint tensor, long* sizes, long* strides);
    [DllImport(Library)] internal static extern nint pss_data(nint tensor);
    [DllImport(Library)]
    internal static extern nint pss_from_blob(nint data, long* sizes, int dim, int dtype, delegate* unmanaged<nint, void> free, nint context);

    [DllImport(Library)] internal static extern int pss_requires_grad(nint tensor);
    [DllImport(Library)] internal static extern int pss_set_requires_grad(nint tensor, int value);
    [DllImport(Library)] internal static extern int pss_is_leaf(nint tensor);
    [DllImport(Library)] internal static extern int pss_retain_grad(nint tensor);
    [DllImport(Library)] internal static extern int pss_grad(nint tensor, nint* grad);
    [DllImport(Library)] internal static extern int pss_set_grad(nint tensor, nint grad);
    [DllImport(Library)]
    internal static extern int pss_backward(
        nint* roots, int count, nint* gradients, int gradientCount, int retainGraph, int createGraph, nint* inputs, int inputCount);
    [DllImport(Library)]
    internal static extern int pss_gradients(
        nint* outputs, int count, nint* inputs, int inputCount, nint* gradients, int gradientCount,
        int retainGraph, int createGraph, int allowUnused, nint* results);
    [DllImport(Library), SuppressGCTransition] internal static extern int pss_grad_enabled();
    [DllImport(Library), SuppressGCTransition] internal static extern void pss_set_grad_enabled(int value);
    [DllImport(Library)] internal static extern nint pss_enter_inference(int value);
    [DllImport(Library)] internal static extern void pss_leave_inference(nint mode);
    [DllImport(Library), SuppressGCTransition] internal static extern int pss_inference_enabled();

    [DllImport(Library)] internal static extern int pss_manual_seed(long seed);
    [DllImport(Library)] internal static extern nint pss_default_generator(int type, int index);
    [DllImport(Library)] internal static extern nint pss_new_generator(ulong seed, int type, int index);
    [DllImport(Library)] internal static extern void pss_release_generator(nint generator);
    [DllImport(Library)] internal static extern int pss_generator_seed(nint generator, long* seed, int set);
    [DllImport(Library)] internal static extern int pss_generator_state(nint generator, nint* state, int set);

    [DllImport(Library)] internal static extern int pss_set_num_threads(int count);
    [DllImport(Library)] internal static extern int pss_get_num_threads();
    [DllImport(Library)] internal static extern int pss_set_deterministic(int value, int warnOnly);
    [DllImport(Library)] internal static extern int pss_is_deterministic();
    [DllImport(Library)] internal static extern int pss_cuda_device_count();

    internal static ExternalException Error() => new(Marshal.PtrToStringUTF8((nint)pss_error()));

    internal static int Check(int result) => result < 0 ? throw Error() : result;

    internal static nint Check(nint result) => result == 0 ? throw Error() : result;
}
