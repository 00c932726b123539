namespace TorchSharp;

public static partial class torch
{
    public unsafe partial class Tensor
    {
        internal long ndim => GetInfo().Dim;

        internal long NumberOfElements => GetInfo().Numel;

        public long numel() => GetInfo().Numel;

        internal long ElementSize => dtype.ElementSize();

        public long element_size() => dtype.ElementSize();

        public ScalarType dtype => (ScalarType)GetInfo().DType;

        public DeviceType device_type => (DeviceType)GetInfo().DeviceType;

        public Device device
        {
            get
            {
                var info = GetInfo();
                return info.DeviceType == 0 ? CPU : new((DeviceType)info.DeviceType, info.DeviceIndex);
            }
        }

        internal bool is_cuda => device_type == DeviceType.CUDA;

        internal bool is_floating_point() => torch.is_floating_point(dtype);

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

        private Native.Info GetInfo()
        {
            Native.Info info;
            Native.Check(Native.pss_info(Handle, &info));
            GC.KeepAlive(this);
            return info;
        }
    }
}
