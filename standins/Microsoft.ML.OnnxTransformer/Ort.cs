using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms.Onnx;

/// <summary>ONNX Runtime's C API. What a call answers with is a status, an error or null; what it gives comes through its last argument.</summary>
internal static unsafe class Ort
{
    private const uint ApiVersion = 11;
    private const string Library = "libonnxruntime.so.1";
    private static readonly IntPtr* s_table = LoadTable();

    /// <summary>The one environment of the process, which logs errors only.</summary>
    internal static IntPtr Environment { get; } = CreateEnvironment();

    internal static IntPtr CpuMemory { get; } = Get(OrtEntry.CreateCpuMemoryInfo, 1, 0);

    internal static IntPtr Entry(OrtEntry entry) => s_table[(int)entry];

    internal static IntPtr Create(OrtEntry entry)
    {
        IntPtr result = 0;
        Check(((delegate* unmanaged<IntPtr*, IntPtr>)Entry(entry))(&result));
        return result;
    }

    internal static IntPtr Get(OrtEntry entry, IntPtr of)
    {
        IntPtr result = 0;
        Check(((delegate* unmanaged<IntPtr, IntPtr*, IntPtr>)Entry(entry))(of, &result));
        return result;
    }

    internal static IntPtr Get(OrtEntry entry, IntPtr of, nint argument)
    {
        IntPtr result = 0;
        Check(((delegate* unmanaged<IntPtr, nint, IntPtr*, IntPtr>)Entry(entry))(of, argument, &result));
        return result;
    }

    internal static void Call(OrtEntry entry, IntPtr of, nint argument) => Check(((delegate* unmanaged<IntPtr, nint, IntPtr>)Entry(entry))(of, argument));

    internal static void Release(OrtEntry entry, IntPtr what) => ((delegate* unmanaged<IntPtr, void>)Entry(entry))(what);

    /// <summary>A name as the native side wants it, in memory that does not move.</summary>
    internal static byte[] Utf8(string text)
    {
        var bytes = GC.AllocateArray<byte>(Encoding.UTF8.GetByteCount(text) + 1, pinned: true);
        Encoding.UTF8.GetBytes(text, bytes);
        return bytes;
    }

    internal static IntPtr Address<T>(T[] pinned) => Marshal.UnsafeAddrOfPinnedArrayElement(pinned, 0);

    internal static void Check(IntPtr status)
    {
        if (status == 0)
            return;
        var message = Marshal.PtrToStringUTF8(((delegate* unmanaged<IntPtr, IntPtr>)Entry(OrtEntry.GetErrorMessage))(status));
        Release(OrtEntry.ReleaseStatus, status);
        throw new InvalidOperationException($"ONNX Runtime: {message}");
    }

    private static IntPtr* LoadTable()
    {
        NativeCode.Require(Library);
        return ((delegate* unmanaged<uint, IntPtr*>)OrtGetApiBase()[0])(ApiVersion);
    }

    private static IntPtr CreateEnvironment()
    {
        const int errors = 3;
        var name = Utf8("ML.NET");
        IntPtr result = 0;
        Check(((delegate* unmanaged<int, IntPtr, IntPtr*, IntPtr>)Entry(OrtEntry.CreateEnv))(errors, Address(name), &result));
        GC.KeepAlive(name);
        return result;
    }

    [DllImport(Library)]
    private static extern IntPtr* OrtGetApiBase();
}
