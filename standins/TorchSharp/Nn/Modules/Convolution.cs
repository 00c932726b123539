using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

public abstract class Convolution : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = nameof(weight))]
    private Parameter? _weight;
    [ComponentName(Name = nameof(bias))]
    private Parameter? _bias;

    internal Convolution(string name, long in_channels, long out_channels, long[] kernel_size, long[] stride, long[] padding, Padding? padding_type,
        long[] dilation, long groups, bool bias, PaddingModes padding_mode, Device? device, ScalarType? dtype) : base(name)
    {
        (this.in_channels, this.out_channels, this.groups) = (in_channels, out_channels, groups);
        (this.kernel_size, this.stride, this.padding, this.dilation) = (kernel_size, stride, padding, dilation);
        (this.padding_type, this.padding_mode) = (padding_type, padding_mode);
        if (padding_type == Padding.Same && stride.Any(s => s != 1))
            throw new ArgumentException("padding='same' is not supported for strided convolutions");

        weight = nn.Parameter(empty([out_channels, in_channels / groups, .. kernel_size], dtype, device));
        if (bias) this.bias = nn.Parameter(empty([out_channels], dtype, device));
        Reset();
    }

    public long in_channels { get; }
    public long out_channels { get; }
    internal long groups { get; set; }
    internal long[] kernel_size { get; set; }
    public long[] stride { get; set; }
    internal long[] padding { get; }
    internal long[] dilation { get; set; }
    internal Padding? padding_type { get; }
    internal PaddingModes padding_mode { get; }

    public Parameter weight
    {
        get => _weight!;
        set => _weight = Hold(nameof(weight), _weight, value);
    }

    public Parameter? bias
    {
        get => _bias;
        set => _bias = Hold(nameof(bias), _bias, value);
    }

    private void Reset()
    {
        nn.init.kaiming_uniform_(weight, Math.Sqrt(5));
        if (bias is null) return;
        var (fanIn, _) = nn.init.CalculateFanInAndFanOut(weight);
        if (fanIn == 0) return;
        var bound = 1 / Math.Sqrt(fanIn);
        nn.init.uniform_(bias, -bound, bound);
    }
}
