using System.Runtime.InteropServices;

namespace TorchSharp;

public static partial class torch
{
    public enum InterpolationMode
    {
        Nearest = 0,
        Bilinear = 2,
    }

    public enum GridSampleMode
    {
        Nearest = 0,
        Bilinear = 2,
    }

    public enum GridSamplePaddingMode
    {
        Zeros = 0,
        Reflection = 1,
        Border = 2,
    }

    public static partial class nn
    {
        public static partial class functional
        {
            private static readonly Op NearestOp = new("upsample_nearest2d", "vec");
            private static readonly Op BilinearOp = new("upsample_bilinear2d", "vec");
            private static readonly Op BilinearAntialiasOp = new("_upsample_bilinear2d_aa", "vec");
            private static readonly Op GridSamplerOp = new("grid_sampler");
            private static readonly Op PadOp = new("pad");

            public static Tensor interpolate(Tensor x, long[]? size = null, double[]? scale_factor = null, InterpolationMode mode = InterpolationMode.Nearest,
                bool? align_corners = null, bool recompute_scale_factor = false, bool antialias = false)
            {
                if (x.ndim != 4) throw new NotSupportedException($"interpolate: this build has the form for 4D input only, but got {x.ndim}D input.");
                if (recompute_scale_factor && scale_factor is { Length: 2 })
                {
                    var shape = x.shape;
                    size = [(long)Math.Floor(shape[2] * scale_factor[0]), (long)Math.Floor(shape[3] * scale_factor[1])];
                    scale_factor = null;
                }
                if (mode == InterpolationMode.Bilinear)
                    return (antialias ? BilinearAntialiasOp : BilinearOp).Call([x, size, align_corners ?? false, scale_factor]);
                if (align_corners is not null || antialias)
                    throw new ExternalException("align_corners and antialias can only be set with InterpolationMode.Bilinear");
                return NearestOp.Call([x, size, scale_factor]);
            }

            public static Tensor grid_sample(Tensor input, Tensor grid, GridSampleMode mode = GridSampleMode.Bilinear,
                GridSamplePaddingMode padding_mode = GridSamplePaddingMode.Zeros, bool? align_corners = null)
            {
                var interpolation = mode == GridSampleMode.Nearest ? 1L : 0L;
                var padding = padding_mode switch { GridSamplePaddingMode.Border => 1L, GridSamplePaddingMode.Reflection => 2L, _ => 0L };
                return GridSamplerOp.Call([input, grid, interpolation, padding, align_corners ?? false]);
            }

            public static Tensor pad(Tensor input, (long, long, long, long) pad, PaddingModes mode = PaddingModes.Constant, double value = 0)
                => functional.pad(input, [pad.Item1, pad.Item2, pad.Item3, pad.Item4], mode, value);

            public static Tensor pad(Tensor input, long[] pad, PaddingModes mode = PaddingModes.Constant, double value = 0) => mode switch
            {
                PaddingModes.Reflect => PadOp.Call([input, pad, "reflect"]),
                PaddingModes.Replicate => PadOp.Call([input, pad, "replicate"]),
                PaddingModes.Circular => PadOp.Call([input, pad, "circular"]),
                _ => PadOp.Call([input, pad, "constant", value]),
            };
        }
    }
}
