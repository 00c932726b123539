namespace Pss.Engine.Weights;

/// <summary>Weights that do not belong to the network they were to be loaded into.</summary>
public sealed class WeightMismatchException : Exception
{
    private const int NamesShown = 5;

    /// <summary>Describes the differences.</summary>
    /// <param name="source">Where the weights come from.</param>
    /// <param name="missing">Names that the network has and the weights lack.</param>
    /// <param name="unexpected">Names that the weights have and the network lacks.</param>
    /// <param name="reshaped">Names with both shapes, where they differ.</param>
    public WeightMismatchException(string source, IReadOnlyList<string> missing, IReadOnlyList<string> unexpected, IReadOnlyList<string> reshaped)
        : base($"The weights of {source} are those of another network.{Part("missing", missing)}{Part("unexpected", unexpected)}{Part("of another shape", reshaped)}"
            + " Build the network with the options that the weights were made with.")
    {
        (Missing, Unexpected, Reshaped) = (missing, unexpected, reshaped);
    }

    /// <summary>Names that the network has and the weights lack.</summary>
    public IReadOnlyList<string> Missing { get; }

    /// <summary>Names that the weights have and the network lacks.</summary>
    public IReadOnlyList<string> Unexpected { get; }

    /// <summary>Names with both shapes, where they differ.</summary>
    public IReadOnlyList<string> Reshaped { get; }

    private static string Part(string what, IReadOnlyList<string> names)
        => names.Count == 0 ? "" : $" {names.Count} {what}: {string.Join("; ", names.Take(NamesShown))}{(names.Count > NamesShown ? "; ..." : "")}.";
}
