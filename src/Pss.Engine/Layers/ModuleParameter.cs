using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Pss.Engine.Layers;

/// <summary>Makes the parameters of modules.</summary>
internal static class ModuleParameter
{
    /// <summary>A parameter that is its module's own, not that of a dispose scope that the module may be built in.</summary>
    public static Parameter Create(Tensor values, bool trained = true)
    {
        var parameter = new Parameter(values, trained);
        parameter.DetachFromDisposeScope();
        return parameter;
    }
}
