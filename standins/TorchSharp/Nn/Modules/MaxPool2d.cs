using static TorchSharp.torch;

namespace TorchSharp.Modules;

public sealed class MaxPool2d : ParameterLessModule<Tensor, Tensor>
{
    private readonly Func<Tensor, Tensor> _pool;

    internal MaxPool2d(Func<Tensor, Tensor> pool) : base(nameof(MaxPool2d)) => _pool = pool;

    public override Tensor forward(Tensor input) => _pool(input);
}
