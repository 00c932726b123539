using static TorchSharp.torch;

namespace TorchSharp.Modules;

public abstract class ParameterLessModule<T, TResult> : nn.Module<T, TResult>
{
    protected ParameterLessModule(string name) : base(name)
    {
    }
}
