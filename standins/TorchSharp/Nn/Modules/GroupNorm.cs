using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

public sealed class GroupNorm : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = nameof(weight))]
    private Parameter? _weight;
    [ComponentName(Name = nameof(bias))]
    private Parameter? _bias;

    internal GroupNorm(long num_groups, long num_channels, double eps, bool affine, Device? device, ScalarType? dtype) : base(nameof(GroupNorm))
    {
        (this.num_groups, this.eps) = (num_groups, eps);
        if (!affine) return;
        // The real one leaves both as it finds the memory. NaN makes a forgotten initialisation show at once.
        weight = nn.Parameter(full([num_channels], float.NaN, dtype ?? get_default_dtype(), device));
        bias = nn.Parameter(full([num_channels], float.NaN, dtype ?? get_default_dtype(), device));
    }

    internal long num_groups { get; set; }
    internal double eps { get; set; }

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

    public override Tensor forward(Tensor tensor)
    {
        if (tensor.ndim < 3) throw new ArgumentException($"Invalid number of dimensions for GroupNorm argument: {tensor.ndim}");
        return nn.functional.group_norm(tensor, num_groups, weight, bias, eps);
    }
}
