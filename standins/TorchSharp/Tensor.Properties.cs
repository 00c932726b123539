namespace TorchSharp;

public static partial class torch
{
    public unsafe partial class Tensor
    {
        public long Dimensions => GetInfo().Dim;

        public long ndim => GetInfo().Dim;

        public long dim() => GetInfo().Dim;

        public long NumberOfElements => GetInfo().Numel;

        public long numel() => GetInfo().Numel;

        public long ElementSize => dtype.ElementSize();

        public long element_size() => dtype.ElementSize();

        public ScalarType dtype => (ScalarType)GetInfo().DType;

        public DeviceType device_type => (DeviceType)GetInfo().DeviceType;

        public int device_index => GetInfo().DeviceIndex;

        public Device device
        {
            get
            {
                var info = GetInfo();
                return info.DeviceType == 0 ? CPU : new((DeviceType)info.DeviceType, info.DeviceIndex);
            }
        }

        public bool is_cuda => device_type == DeviceType.CUDA;

        public bool is_cpu() => device_type == DeviceType.CPU;

        public bool is_floating_point() => torch.is_floating_point(dtype);

        public bool is_integral() => torch.is_integral(dtype);

        public bool is_contiguous() => GetInfo().Contiguous != 0;

        public long[] shape
        {
            get
            {
                var sizes = new long[ndim];
                fixed (long* p = sizes) Native.Check(Native.pss_shape(Handle, p, null));
                GC.KeepAlive(this);
                return sizes;
            }
        }

        public long[] size() => shape;

        public long size(int dim)
        {
            var sizes = shape;
            return sizes[dim < 0 ? dim + sizes.Length : dim];
        }

        public long[] stride()
        {
            var strides = new long[ndim];
            fixed (long* p = strides) Native.Check(Native.pss_shape(Handle, null, p));
            GC.KeepAlive(this);
            return strides;
        }

        public long stride(int dim)
        {
            var strides = stride();
            return strides[dim < 0 ? dim + strides.Length : dim];
        }

        private Native.Info GetInfo()
        {
            Native.Info info;
            Native.Check(Native.pss_info(Handle, &info));
            GC.KeepAlive(this);
            return info;
        }
    }
}
