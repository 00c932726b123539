using static TorchSharp.torch;

namespace TorchSharp.Modules;

public sealed class Conv2d : Convolution
{
    private static readonly long[] None = [0, 0];

    internal Conv2d(long in_channels, long out_channels, long[] kernel_size, long[] stride, long[] padding, Padding? padding_type, long[] dilation,
        long groups, bool bias, PaddingModes padding_mode, Device? device, ScalarType? dtype)
        : base(nameof(Conv2d), in_channels, out_channels, kernel_size, stride, padding, padding_type, dilation, groups, bias, padding_mode, device, dtype)
    {
    }

    public override Tensor forward(Tensor input)
    {
        var shape = input.shape;
        if (shape.Length is not (3 or 4) || shape[^3] != in_channels)
            throw new ArgumentException($"Expected 3D (unbatched) or 4D (batched) input with {in_channels} channels to Conv2d.");

        if (padding_mode != PaddingModes.Zeros)
        {
            using var padded = nn.functional.pad(input, EdgePadding(), padding_mode);
            return nn.functional.conv2d(padded, weight, bias, stride, None, dilation, groups);
        }
        return padding_type is { } type
            ? nn.functional.conv2d_padding(input, weight, bias, stride, type, dilation, groups)
            : nn.functional.conv2d(input, weight, bias, stride, padding, dilation, groups);
    }

    // In the order of F.pad: the last dimension first, before and after.
    private long[] EdgePadding()
    {
        if (padding_type == Padding.Valid) return [0, 0, 0, 0];
        if (padding_type is null) return [padding[1], padding[1], padding[0], padding[0]];
        var (height, width) = (dilation[0] * (kernel_size[0] - 1), dilation[1] * (kernel_size[1] - 1));
        return [width / 2, width - (width / 2), height / 2, height - (height / 2)];
    }
}
