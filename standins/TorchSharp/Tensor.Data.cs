using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TorchSharp;

public static partial class torch
{
    public unsafe partial class Tensor
    {
        public Span<byte> bytes
        {
            get
            {
                if (device_type != DeviceType.CPU) throw new InvalidOperationException("Reading data from non-CPU memory is not supported. Move or copy the tensor to the cpu before reading.");
                if (!is_contiguous()) throw new InvalidOperationException("The tensor must be contiguous for its bytes to be reached.");
                return new((void*)DataPointer(), checked((int)(NumberOfElements * ElementSize)));
            }

            set => value.CopyTo(bytes);
        }

        public Utils.TensorAccessor<T> data<T>()
            where T : unmanaged
        {
            if (dtype.DotNetType() != typeof(T)) throw new ArgumentException($"{typeof(T).Name} is not compatible with {dtype}");
            return new(device_type == DeviceType.CPU ? this : cpu());
        }

        public T item<T>()
            where T : unmanaged
        {
            if (NumberOfElements != 1) throw new ArgumentException("Number of elements in the tensor must be 1");
            return data<T>()[0];
        }

        internal Scalar ToScalar() => Scalar.From(Ops.Item.CallScalar([this]));

        public (Tensor output, Tensor? inverse_indices, Tensor? counts) unique(
            bool sorted = true, bool return_inverse = false, bool return_counts = false, int? dim = null)
        {
            var (output, inverse, counts) = dim is { } d
                ? Ops.UniqueDim.Call3([this, d, sorted, return_inverse, return_counts])
                : Ops.Unique.Call3([this, sorted, return_inverse, return_counts]);
            if (!return_inverse) inverse.Dispose();
            if (!return_counts) counts.Dispose();
            return (output, return_inverse ? inverse : null, return_counts ? counts : null);
        }

        internal nint DataPointer()
        {
            var pointer = Native.pss_data(Handle);
            GC.KeepAlive(this);
            return pointer;
        }

        private Tensor Move(ScalarType type, Device device, bool copy, bool disposeAfter, bool non_blocking)
        {
            var moved = Ops.ToDevice.Call([this, device, type, non_blocking, copy]);
            if (disposeAfter) Dispose();
            return moved;
        }
    }

    public static Tensor frombuffer(Array rawArray, ScalarType dtype, long count = -1L, long offset = 0L, bool requires_grad = false)
    {
        var size = dtype.ElementSize();
        var available = (Buffer.ByteLength(rawArray) / size) - offset;
        if (count < 0) count = available;
        if (offset < 0 || count > available) throw new IndexOutOfRangeException($"The array has {available} elements after offset {offset}, and {count} were asked for.");
        var pin = GCHandle.Alloc(rawArray, GCHandleType.Pinned);
        var data = pin.AddrOfPinnedObject() + (nint)(offset * size);
        unsafe
        {
            var handle = Native.pss_from_blob(data, &count, 1, (int)dtype, &Unpin, GCHandle.ToIntPtr(pin));
            if (handle == 0)
            {
                pin.Free();
                throw Native.Error();
            }

            return Create(new(handle), requires_grad, null);
        }
    }

    [UnmanagedCallersOnly]
    private static void Unpin(nint pin) => GCHandle.FromIntPtr(pin).Free();

    private static Tensor FromScalar<T>(T value, ScalarType? dtype, Device? device, bool requires_grad)
        where T : unmanaged => FromArray(new[] { value }, dtype, device, requires_grad, null, []);

    private static Tensor FromArray(
        Array array, ScalarType? dtype, Device? device, bool requires_grad, string[]? names, long[]? shape = null)
    {
        shape ??= Enumerable.Range(0, array.Rank).Select(array.GetLongLength).ToArray();
        var type = array.GetType().GetElementType()!.TorchType();
        var host = empty(shape, type);
        if (host.NumberOfElements != array.LongLength) throw new ArgumentException($"The array has {array.LongLength} elements, and the shape [{string.Join(", ", shape)}] needs {host.NumberOfElements}.");
        unsafe
        {
            fixed (byte* source = &MemoryMarshal.GetArrayDataReference(array))
            {
                var length = array.LongLength * type.ElementSize();
                Buffer.MemoryCopy(source, (void*)host.DataPointer(), length, length);
            }
        }

        if ((dtype is null || dtype == type) && device is not { type: not DeviceType.CPU }) return Create(host, requires_grad, names);
        return Create(host.to(dtype ?? type, device ?? CPU, disposeAfter: true), requires_grad, names);
    }
}
