using static TorchSharp.torch;

namespace TorchSharp.Modules;

public abstract class OptimizerState
{
    private protected readonly Parameter Owner;

    protected OptimizerState(Parameter parameter) => Owner = parameter;

    public abstract void LoadStateDict(OptimizerState source);

    // Copies belong to the scope in which they are made, if there is one, as in the real package.
    private protected Tensor Copy(Tensor source) => source.to(source.dtype, Owner.device, copy: true);

    private protected static Tensor Zeros(Parameter parameter) => zeros_like(parameter).DetachFromDisposeScope();
}
