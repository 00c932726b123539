using Pss.Engine.Losses;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Losses;

internal static class LossNumbers
{
    /// <summary>Every value by its name, and "total".</summary>
    public static Dictionary<string, double> ToNumbers(this LossTerms losses)
    {
        using var scope = NewDisposeScope();
        return PassLosses.Read([losses.Detach()], zeros([])).Losses[0];
    }
}
