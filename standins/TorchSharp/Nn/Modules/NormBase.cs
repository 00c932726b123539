using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

public abstract class NormBase : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = nameof(weight))]
    private Parameter? _weight;
    [ComponentName(Name = nameof(bias))]
    private Parameter? _bias;
    [ComponentName(Name = nameof(running_mean))]
    private Tensor? _running_mean;
    [ComponentName(Name = nameof(running_var))]
    private Tensor? _running_var;
    [ComponentName(Name = nameof(num_batches_tracked))]
    private Tensor? _num_batches_tracked;

    internal NormBase(long num_features, double eps, double? momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype, string name)
        : base(name)
    {
        (this.num_features, this.eps, this.momentum) = (num_features, eps, momentum);
        (this.affine, this.track_running_stats) = (affine, track_running_stats);
        if (affine)
        {
            weight = nn.Parameter(empty([num_features], dtype, device));
            bias = nn.Parameter(empty([num_features], dtype, device));
        }
        if (track_running_stats)
        {
            running_mean = zeros([num_features], dtype, device);
            running_var = ones([num_features], dtype, device);
            num_batches_tracked = tensor(0L, dtype, device);
        }
        reset_running_stats();
        if (!affine) return;
        nn.init.ones_(weight);
        nn.init.zeros_(bias!);
    }

    internal long num_features { get; }
    internal double eps { get; set; }
    public double? momentum { get; set; }
    private bool affine { get; }
    private bool track_running_stats { get; }

    public Parameter weight
    {
        get => _weight!;
        set => _weight = Hold(nameof(weight), _weight, value);
    }

    internal Parameter? bias
    {
        get => _bias;
        set => _bias = Hold(nameof(bias), _bias, value);
    }

    public Tensor? running_mean
    {
        get => _running_mean;
        set => _running_mean = Hold(nameof(running_mean), _running_mean, value);
    }

    public Tensor? running_var
    {
        get => _running_var;
        set => _running_var = Hold(nameof(running_var), _running_var, value);
    }

    public Tensor? num_batches_tracked
    {
        get => _num_batches_tracked;
        set => _num_batches_tracked = Hold(nameof(num_batches_tracked), _num_batches_tracked, value);
    }

    protected abstract void ValidateInputDimensions(Tensor input);

    public void reset_running_stats()
    {
        if (!track_running_stats) return;
        nn.init.zeros_(running_mean!);
        nn.init.ones_(running_var!);
        nn.init.zeros_(num_batches_tracked!);
    }
}
