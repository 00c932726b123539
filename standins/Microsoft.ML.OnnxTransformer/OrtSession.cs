using System.Runtime.InteropServices;

namespace Microsoft.ML.Transforms.Onnx;

/// <summary>A loaded model. Any number of threads may run it at once.</summary>
internal sealed unsafe class OrtSession : SafeHandle
{
    internal OrtSession(OnnxOptions options, int? gpuDeviceId)
        : base(0, ownsHandle: true)
    {
        var settings = Ort.Create(OrtEntry.CreateSessionOptions);
        try
        {
            if (options.InterOpNumThreads is { } inter)
                Ort.Call(OrtEntry.SetInterOpNumThreads, settings, inter);
            if (options.IntraOpNumThreads is { } intra)
                Ort.Call(OrtEntry.SetIntraOpNumThreads, settings, intra);
            if (gpuDeviceId is { } device)
                AppendCuda(settings, device);
            var path = Ort.Utf8(options.ModelFile);
            IntPtr session = 0;
            Ort.Check(((delegate* unmanaged<IntPtr, IntPtr, IntPtr, IntPtr*, IntPtr>)Ort.Entry(OrtEntry.CreateSession))(
                Ort.Environment, Ort.Address(path), settings, &session));
            // Pinned is not reachable: without this the name may be collected while it is read.
            GC.KeepAlive(path);
            SetHandle(session);
        }
        finally
        {
            Ort.Release(OrtEntry.ReleaseSessionOptions, settings);
        }
        Inputs = Describe(OrtEntry.SessionGetInputCount, OrtEntry.SessionGetInputName, OrtEntry.SessionGetInputTypeInfo);
        Outputs = Describe(OrtEntry.SessionGetOutputCount, OrtEntry.SessionGetOutputName, OrtEntry.SessionGetOutputTypeInfo);
    }

    public override bool IsInvalid => handle == 0;

    internal TensorInfo[] Inputs { get; }

    internal TensorInfo[] Outputs { get; }

    internal void Run(IntPtr[] inputNames, IntPtr[] inputs, IntPtr[] outputNames, IntPtr[] outputs)
    {
        var entered = false;
        try
        {
            DangerousAddRef(ref entered);
            fixed (IntPtr* inputName = inputNames, input = inputs, outputName = outputNames, output = outputs)
            {
                Ort.Check(((delegate* unmanaged<IntPtr, IntPtr, IntPtr*, IntPtr*, nint, IntPtr*, nint, IntPtr*, IntPtr>)Ort.Entry(OrtEntry.Run))(
                    handle, 0, inputName, input, inputs.Length, outputName, outputs.Length, output));
            }
        }
        finally
        {
            if (entered)
                DangerousRelease();
        }
    }

    protected override bool ReleaseHandle()
    {
        Ort.Release(OrtEntry.ReleaseSession, handle);
        return true;
    }

    private static void AppendCuda(IntPtr settings, int device)
    {
        var cuda = Ort.Create(OrtEntry.CreateCudaOptions);
        try
        {
            byte[] key = Ort.Utf8("device_id"), value = Ort.Utf8($"{device}");
            IntPtr keys = Ort.Address(key), values = Ort.Address(value);
            Ort.Check(((delegate* unmanaged<IntPtr, IntPtr*, IntPtr*, nint, IntPtr>)Ort.Entry(OrtEntry.UpdateCudaOptions))(cuda, &keys, &values, 1));
            GC.KeepAlive(key);
            GC.KeepAlive(value);
            Ort.Call(OrtEntry.AppendCuda, settings, cuda);
        }
        finally
        {
            Ort.Release(OrtEntry.ReleaseCudaOptions, cuda);
        }
    }

    private TensorInfo[] Describe(OrtEntry count, OrtEntry name, OrtEntry type)
    {
        var allocator = Ort.Create(OrtEntry.GetAllocatorWithDefaultOptions);
        var tensors = new TensorInfo[Ort.Get(count, handle)];
        for (var i = 0; i < tensors.Length; i++)
        {
            IntPtr text = 0;
            Ort.Check(((delegate* unmanaged<IntPtr, nint, IntPtr, IntPtr*, IntPtr>)Ort.Entry(name))(handle, i, allocator, &text));
            var typeInfo = Ort.Get(type, handle, i);
            try
            {
                tensors[i] = Describe(Marshal.PtrToStringUTF8(text), Ort.Get(OrtEntry.CastTypeInfoToTensorInfo, typeInfo));
            }
            finally
            {
                Ort.Call(OrtEntry.AllocatorFree, allocator, text);
                Ort.Release(OrtEntry.ReleaseTypeInfo, typeInfo);
            }
        }
        return tensors;
    }

    private static TensorInfo Describe(string name, IntPtr tensor)
    {
        if (tensor == 0)
            throw new NotSupportedException($"'{name}' of the ONNX model is not a tensor");
        var shape = new long[Ort.Get(OrtEntry.GetDimensionsCount, tensor)];
        fixed (long* sizes = shape)
            Ort.Check(((delegate* unmanaged<IntPtr, long*, nint, IntPtr>)Ort.Entry(OrtEntry.GetDimensions))(tensor, sizes, shape.Length));
        return new TensorInfo(name, (int)Ort.Get(OrtEntry.GetTensorElementType, tensor), [.. shape.Select(size => checked((int)size))], Given: false);
    }
}
