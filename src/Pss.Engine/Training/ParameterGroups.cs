using Pss.Engine.Detectors;
using TorchSharp.Modules;

namespace Pss.Engine.Training;

/// <summary>Learning rate factor and weight decay of each trained parameter.</summary>
internal static class ParameterGroups
{
    private const string Backbone = "backbone.";
    private const string Selector = "pss.";

    /// <summary>The trained parameters in the network's order.</summary>
    /// <exception cref="ArgumentException">A prefix of <see cref="TrainingOptions.LayerRateFactors"/> matches none of them.</exception>
    public static TrainedParameter[] Create(DenseDetector network, TrainingOptions options)
    {
        var trained = network.named_parameters().Where(named => named.parameter.requires_grad).ToArray();
        foreach (var (prefix, _) in options.LayerRateFactors)
        {
            if (!trained.Any(named => named.name.StartsWith(prefix, StringComparison.Ordinal)))
            {
                throw new ArgumentException(
                    $"{nameof(options.LayerRateFactors)}: no trained parameter has a name that starts with '{prefix}'. Names start with "
                    + $"{string.Join(", ", trained.Select(named => named.name[..(named.name.IndexOf('.', StringComparison.Ordinal) + 1)]).Distinct())}.",
                    nameof(options));
            }
        }
        return [.. trained.Select(named => new TrainedParameter(named.parameter, RateFactor(named.name, options), WeightDecay(named.parameter, options)))];
    }

    private static double RateFactor(string name, TrainingOptions options)
    {
        var factor = name.StartsWith(Backbone, StringComparison.Ordinal) ? options.BackboneRateFactor
            : name.StartsWith(Selector, StringComparison.Ordinal) ? options.SelectorRateFactor
            : 1;
        foreach (var (prefix, own) in options.LayerRateFactors)
        {
            if (name.StartsWith(prefix, StringComparison.Ordinal))
                factor = own;
        }
        return factor;
    }

    // Scales and shifts of normalizations, biases, and the pyramid levels' scales have at most one dimension; all other weights have more.
    private static double WeightDecay(Parameter parameter, TrainingOptions options)
        => options.DecayNormsAndBiases || parameter.dim() > 1 ? options.WeightDecay : 0;
}
